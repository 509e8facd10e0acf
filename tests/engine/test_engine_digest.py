"""The digest: once a day, from the history, late rather than never, and never for a day that was told."""

from datetime import UTC, datetime, timedelta

import pytest

from guardian.engine.digest import tell_digest
from guardian.engine.history import keep_history
from guardian.history.history import History, file_url
from guardian.history.tables import NOTIFICATIONS
from tests.engine.drive import Drive
from tests.engine.test_engine_history import Past
from tests.engine.world import Receiver
from tests.redis_server import RedisServer

HOUR = 3600
MIDNIGHT = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def past(drive: Drive, redis_server: RedisServer) -> Past:
    """At noon of the 23rd Guardian began, with everything well."""
    made = Past(drive, redis_server)
    drive.world.start("api", "bot")
    drive.advance(20)
    made.feed()
    assert tell_digest(drive.engine) == "began later"
    return made


def to(drive: Drive, at: datetime) -> None:
    drive.clock.forward((at - drive.clock.now()).total_seconds())


def digests(receiver: Receiver) -> list[str]:
    return [notification.text for _, notification in receiver.got if notification.step == "digest"]


def test_it_comes_once_after_midnight_and_says_what_happened(drive: Drive, past: Past) -> None:
    drive.world.crash("api")
    drive.advance(60)
    drive.configure('mode = "observe"\n')
    past.connect()
    drive.world.crash("bot")
    drive.advance(60)
    to(drive, MIDNIGHT - timedelta(seconds=1))
    past.feed()
    assert tell_digest(drive.engine) == "told before"
    to(drive, MIDNIGHT + timedelta(seconds=30))
    past.feed()
    assert tell_digest(drive.engine) == "told"
    assert tell_digest(drive.engine) == "told before"
    (text,) = digests(drive.log)
    assert "2 incidents opened, 1 ended, 1 of them healed by Guardian" in text
    assert "Healed by itself:\n  api@node-1" in text
    assert "Open:\n  bot@node-1" in text
    assert "Notifications: 1 by log sent, 0 not delivered at once" in text
    ((_, notification),) = [each for each in drive.log.got if each[1].step == "digest"]
    assert notification.title == "Guardian's day until 2026-11-24 00:00 UTC: 2 incidents, 1 healed, 1 open"
    assert notification.incident == "digest-2026-11-24"


def test_a_day_without_anything_says_so(drive: Drive, past: Past) -> None:
    to(drive, MIDNIGHT)
    past.feed()
    tell_digest(drive.engine)
    assert digests(drive.log)[0].endswith("Nothing happened.")


def test_it_waits_a_little_until_the_history_has_all_of_the_day(drive: Drive, past: Past) -> None:
    to(drive, MIDNIGHT + timedelta(seconds=30))
    assert tell_digest(drive.engine) == "waits for the history"
    past.feed()
    assert tell_digest(drive.engine) == "told"


def test_time_and_zone_are_as_configured(drive: Drive, past: Past) -> None:
    drive.configure('[digest]\nat = "08:00"\nzone = "Europe/Berlin"\n')
    past.connect()
    to(drive, datetime(2026, 11, 24, 6, 59, tzinfo=UTC))
    past.feed()
    tell_digest(drive.engine)
    assert digests(drive.log) == []
    to(drive, datetime(2026, 11, 24, 7, 0, tzinfo=UTC))
    past.feed()
    tell_digest(drive.engine)
    ((_, notification),) = drive.log.got
    assert "until 2026-11-24 08:00 CET" in notification.title
    assert notification.details["since"] == "2026-11-23T07:00:00+00:00"


def test_down_at_midnight_it_comes_late_and_only_the_newest_day(drive: Drive, past: Past) -> None:
    to(drive, MIDNIGHT + timedelta(days=2, hours=9))
    past.feed()
    assert tell_digest(drive.engine) == "told"
    assert tell_digest(drive.engine) == "told before"
    ((_, notification),) = drive.log.got
    assert notification.incident == "digest-2026-11-26"


def test_a_channel_that_fails_gets_it_later_from_its_spool_and_the_others_not_again(drive: Drive, past: Past) -> None:
    second = Receiver(drive.clock, "chat", down=True)
    drive.receivers.append(second)
    to(drive, MIDNIGHT)
    past.feed()
    assert tell_digest(drive.engine) == "told"
    assert tell_digest(drive.engine) == "told before"
    drive.advance(120)
    second.down = False
    drive.advance(600)
    assert (len(digests(drive.log)), len(digests(second))) == (1, 1)
    assert digests(second)[0].startswith("Late by ")
    past.feed()
    sent = [(row.channel, row.sent) for row in past.rows(NOTIFICATIONS) if row.step == "digest"]
    assert sent == [("log", True), ("chat", False), ("chat", True)]


@pytest.mark.parametrize("forgotten", [False, True])
def test_it_waits_behind_what_waits_already_whatever_dies(drive: Drive, past: Past, forgotten: bool) -> None:
    """`forgotten`: the one that put it into the spool dies at once, and the spool is empty when the next one comes."""
    second = Receiver(drive.clock, "chat", down=True)
    drive.receivers.append(second)
    drive.configure('mode = "observe"\n')
    past.connect()
    drive.world.crash("api")
    drive.advance(20)
    to(drive, MIDNIGHT)
    past.feed()
    if forgotten:
        real, drive.store.past.finish_digest = drive.store.past.finish_digest, dies  # type: ignore[method-assign]
        with pytest.raises(SystemExit):
            tell_digest(drive.engine)
        drive.store.past.finish_digest = real  # type: ignore[method-assign]
    else:
        assert tell_digest(drive.engine) == "told"
    second.down = False
    drive.advance(600)
    assert tell_digest(drive.engine) == ("told" if forgotten else "told before")
    assert [step for step, _ in second.told] == ["alert", "digest"]
    assert len(digests(drive.log)) == 1


def dies(*_: object) -> None:
    raise SystemExit


CHANNELS = """
[alerts.channels.pager]
url = "json://h"
severity = "critical"
[alerts.channels.chat]
url = "json://h"
digest = false
"""


def test_the_least_severity_of_a_channel_holds_no_digest_back_but_its_own_word_does(drive: Drive, past: Past) -> None:
    pager, chat = Receiver(drive.clock, "pager"), Receiver(drive.clock, "chat")
    drive.receivers += [pager, chat]
    drive.configure(CHANNELS)
    past.connect()
    to(drive, MIDNIGHT)
    past.feed()
    assert tell_digest(drive.engine) == "told"
    assert (len(digests(drive.log)), len(digests(pager)), len(digests(chat))) == (1, 1, 0)


def test_one_that_was_held_up_for_long_tells_no_channel_that_another_has_told(drive: Drive, past: Past) -> None:
    """It is told to the log and stands still there, while the lease runs out and another worker tells all."""
    second = Receiver(drive.clock, "chat")
    drive.receivers.append(second)

    def stands_still() -> None:
        drive.log.meanwhile = lambda: None
        drive.clock.forward(drive.engine.config.heal.lease.total_seconds())
        assert tell_digest(drive.engine) == "told"

    drive.log.meanwhile = stands_still
    to(drive, MIDNIGHT)
    past.feed()
    assert tell_digest(drive.engine) == "told before"
    assert len(digests(second)) == 1


def test_killed_between_two_channels_the_first_is_not_told_again(drive: Drive, past: Past) -> None:
    second = Receiver(drive.clock, "chat")
    drive.receivers.append(second)

    second.meanwhile = dies
    to(drive, MIDNIGHT)
    past.feed()
    with pytest.raises(SystemExit):
        tell_digest(drive.engine)
    second.meanwhile = lambda: None
    assert tell_digest(drive.engine) == "somebody is at it"
    drive.clock.forward(drive.engine.config.heal.lease.total_seconds())
    assert tell_digest(drive.engine) == "told"
    assert (len(digests(drive.log)), len(digests(second))) == (1, 1)


def test_with_the_history_away_it_says_so_and_tells_what_the_store_knows(drive: Drive, past: Past) -> None:
    drive.world.crash("api")
    drive.advance(60)
    to(drive, MIDNIGHT)
    with past.away():
        past.history = History(file_url(str(past.file)))
        past.connect()
        assert tell_digest(drive.engine) == "told"
    (text,) = digests(drive.log)
    assert text.startswith("Not the whole day: the history is away (OperationalError")
    assert "1 incidents opened, 1 ended, 1 of them healed" in text


def test_a_day_that_was_told_is_not_told_again_after_redis_came_back_empty(drive: Drive, past: Past) -> None:
    to(drive, MIDNIGHT)
    past.feed()
    assert tell_digest(drive.engine) == "told"
    past.feed()
    past.lose_redis()
    drive.patrol()
    with past.away():
        past.history = History(file_url(str(past.file)))
        past.connect()
        assert tell_digest(drive.engine).startswith("waits for the history")
    past.history = History(file_url(str(past.file)))
    past.connect()
    past.rested()
    assert tell_digest(drive.engine) == "told before"
    assert len(digests(drive.log)) == 1


def test_guardian_s_own_gap_is_in_it(drive: Drive, past: Past) -> None:
    past.lose_redis()
    drive.patrol()
    keep_history(drive.engine)
    to(drive, MIDNIGHT)
    past.feed()
    tell_digest(drive.engine)
    assert "Guardian's own gap: 2026-11-23 12:00:" in digests(drive.log)[0]


def test_switched_off_nothing_is_told(drive: Drive, past: Past) -> None:
    drive.configure("[digest]\nenabled = false\n")
    past.connect()
    to(drive, MIDNIGHT)
    assert tell_digest(drive.engine) == "nothing to tell"
    assert drive.log.got == []
