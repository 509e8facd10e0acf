"""The server that holds Guardian's state: away, closed to us, open to all, or set up to lose what it holds."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from guardian.diagnose.plain import brief
from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.model import Severity
from guardian.settings import rough_text
from guardian.store.server import ServerFacts, Trouble

OLDEST = (6, 2)
FULL = 0.9
CLOCK_OFF = timedelta(seconds=5)

_ENOUGH = "noeviction"


def gather(installation: Installation) -> ServerFacts | None:
    return installation.server


def _rule(
    id_: str, severity: Severity, when: str, why: str, wrong: Callable[[ServerFacts], str | None], mend: str
) -> Rule:
    """One that finds its mistake at most once; `wrong` says what it is."""

    def find(facts: ServerFacts) -> Iterable[Hit]:
        return [Hit(what, mend) for what in (wrong(facts),) if what]

    return Rule(id_, severity, when, why, find)


def _away(facts: ServerFacts) -> str | None:
    if facts.trouble in (Trouble.AWAY, Trouble.LOADING):
        return f"Redis does not answer: {brief(facts.reason, 200)}"
    return None


def _password(facts: ServerFacts) -> str | None:
    return f"Redis refuses us: {brief(facts.reason, 200)}" if facts.trouble is Trouble.PASSWORD else None


def _old(facts: ServerFacts) -> str | None:
    if facts.version is None or facts.version >= OLDEST:
        return None
    return f"Redis is {'.'.join(map(str, facts.version))}, at least {'.'.join(map(str, OLDEST))} is needed"


def _evicts(facts: ServerFacts) -> str | None:
    policy = facts.policy
    return f"Redis drops keys when it is full: maxmemory-policy is {policy}" if policy not in (None, _ENOUGH) else None


def _forgets(facts: ServerFacts) -> str | None:
    if facts.appends is not False or facts.saves is not False:
        return None
    return "Redis keeps nothing on disk: no append-only file and no saves"


def _full(facts: ServerFacts) -> str | None:
    if not facts.limit_bytes or facts.used_bytes <= FULL * facts.limit_bytes:
        return None
    return f"Redis is nearly full: {facts.used_bytes} of {facts.limit_bytes} bytes"


def _open(facts: ServerFacts) -> str | None:
    return "Redis listens to the network without a password" if facts.exposed else None


def _clock(facts: ServerFacts) -> str | None:
    if facts.offset is None or abs(facts.offset) <= CLOCK_OFF:
        return None
    way = "ahead of" if facts.offset > timedelta(0) else "behind"
    return f"the clock of Redis is {rough_text(facts.offset)} {way} this machine's"


AREA = Area(
    "Redis",
    gather,
    (
        _rule("redis_away", Severity.CRITICAL, "it does not answer", "Guardian is blind, and cannot tell", _away,
              "start it, or correct [redis] url"),
        _rule("redis_password", Severity.CRITICAL, "it refuses our password or our rights",
              "Guardian is blind, and cannot tell", _password, "correct the password in [redis] url"),
        _rule("redis_old", Severity.CRITICAL, f"it is older than {'.'.join(map(str, OLDEST))}",
              "commands that Guardian needs are not there", _old, "update it, or leave [redis] url away"),
        _rule("redis_open", Severity.CRITICAL, "it listens beyond this machine, without password or protected mode",
              "whoever reaches it can have your processes restarted", _open,
              "redis-cli CONFIG SET requirepass ...; then the same in [redis] url"),
        _rule("redis_evicts", Severity.HIGH, "it drops keys when memory runs out",
              "incidents and cooldowns vanish, and with them the promise of one cure", _evicts,
              "redis-cli CONFIG SET maxmemory-policy noeviction; redis-cli CONFIG REWRITE"),
        _rule("redis_full", Severity.HIGH, f"more than {FULL:.0%} of its memory limit is used",
              "it will refuse what Guardian has to write", _full, "redis-cli CONFIG SET maxmemory ... (more)"),
        _rule("redis_forgets", Severity.HIGH, "neither append-only file nor saves",
              "a restart of it loses incidents, cooldowns and alerts", _forgets,
              "redis-cli CONFIG SET appendonly yes; redis-cli CONFIG REWRITE"),
        _rule("clock_off", Severity.HIGH, f"its clock is more than {rough_text(CLOCK_OFF)} off ours",
              "when a process was started is compared with its time", _clock,
              "synchronise the clocks: timedatectl set-ntp true"),
    ),
)  # fmt: skip
