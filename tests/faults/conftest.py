"""Options of the fault tests, and the bench that many of them share."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.faults.teststand import Bench, bench
from tests.real_pm2 import wait_for

_SHARED_APPS = 10


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--seed", type=int, default=None, help="repeat the round of random kills that printed this seed")
    parser.addoption("--count-factor", type=int, default=1, help="rounds of random kills")


class Shared:
    """One running bench for many tests; a test that leaves it in disorder does not spoil the next one's."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._bench: Bench | None = None
        self._used = 0

    def get(self) -> Bench:
        if self._bench is None:
            self._bench = self._stack.enter_context(bench(_SHARED_APPS))
        return self._bench

    def app(self) -> str:
        """One that is well, and was not healed within the cooldown: the one that was used longest ago."""
        made = self.get()
        app = made.apps[self._used % len(made.apps)]
        self._used += 1

        def rested() -> bool:
            cooling = made.store.cooldowns(made.of(app), made.store.clock.now())
            return not cooling and made.seen().get(app) == "ok"

        wait_for(f"{app} has no cooldown", rested, 60)
        return app

    def tidy(self) -> None:
        """Given up when it does not come to rest, so that the next test begins with another."""
        made = self._bench
        if made is None:
            return
        try:
            assert not made.armed(), "the fault did not fire"
            wait_for("it is calm and every app well", lambda: made.calm() and made.all_seen_well(), 30)
        except AssertionError as error:
            print(error, made.report(), sep="\n")
            self._bench = None
            self._stack.close()
        else:
            made.disarm()

    def close(self) -> None:
        with self._stack:
            if self._bench is not None:
                self._bench.end()


@pytest.fixture(scope="session")
def shared() -> Iterator[Shared]:
    holder = Shared()
    yield holder
    holder.close()


@pytest.fixture
def running(shared: Shared) -> Iterator[Bench]:
    """The shared bench."""
    yield shared.get()
    shared.tidy()


@pytest.fixture
def app(shared: Shared) -> str:
    return shared.app()
