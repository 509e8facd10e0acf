"""The configuration: refused, missing, or saying less than its author thinks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from guardian.decide.arming import mode_in_force
from guardian.doctor.base import Area, Hit, Installation, Rule, of_a_folder
from guardian.errors import ConfigFault, StoreError
from guardian.model import Arming, Mode, Severity
from guardian.services import open_store
from guardian.settings import rough_text

OBSERVED_LONG = timedelta(days=7)


@dataclass(frozen=True)
class Facts:
    faults: Sequence[ConfigFault]
    source: str | None
    written_at: datetime | None
    checks_on: Sequence[str]
    mode: Mode
    arming: Arming | None
    now: datetime


def gather(installation: Installation) -> Facts:
    config = installation.config
    return Facts(
        faults=installation.faults,
        source=config.source,
        written_at=config.mode_written_at,
        checks_on=[name for name, check in config.checks.items() if check.enabled],
        mode=config.mode,
        arming=_arming(installation),
        now=installation.around.now(),
    )


def _arming(installation: Installation) -> Arming | None:
    """A store that is away is another area's finding."""
    if installation.url is None:
        return None
    store = open_store(installation.config, installation.url, None)
    try:
        return store.arming()
    except StoreError:
        return None
    finally:
        store.close()


def _broken(facts: Facts) -> Iterable[Hit]:
    return [Hit(str(fault), "guardian config check") for fault in facts.faults if not of_a_folder(fault)]


def _missing(facts: Facts) -> Iterable[Hit]:
    if facts.source is None and not facts.faults:
        yield Hit("there is no configuration file", "guardian init")


def _nothing_on(facts: Facts) -> Iterable[Hit]:
    if facts.source is not None and not facts.checks_on:
        yield Hit(f"{facts.source} switches no check on", f"add the line [checks.process_health] to {facts.source}")


def _observing(facts: Facts) -> Iterable[Hit]:
    if mode_in_force(facts.mode, facts.written_at, facts.arming) is not Mode.OBSERVE:
        return
    said = [at for at in (facts.written_at, facts.arming.at if facts.arming else None) if at is not None]
    if said and facts.now - max(said) > OBSERVED_LONG:
        yield Hit(f"observe mode for {rough_text(facts.now - max(said))}", "guardian arm")


AREA = Area(
    "configuration",
    gather,
    (
        Rule("config_broken", Severity.CRITICAL, "the configuration is refused", "Guardian does not start with it",
             _broken),
        Rule("config_missing", Severity.HIGH, "there is no configuration file", "every check is off without one",
             _missing),
        Rule("nothing_on", Severity.HIGH, "no check is on", "Guardian runs and looks at nothing", _nothing_on),
        Rule("observing", Severity.WARNING, f"observe mode for more than {rough_text(OBSERVED_LONG)}",
             "nothing is healed, which is easily forgotten", _observing),
    ),
)  # fmt: skip
