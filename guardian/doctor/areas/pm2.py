"""PM2: its daemon away, hung, another user's, of another protocol, or one that nobody watches."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.host.machine import user_name
from guardian.host.pm2s import Pm2Daemon
from guardian.host.rights import seen
from guardian.model import Severity
from guardian.supervisors.pm2 import Params, open_pm2
from guardian.supervisors.pm2.wire import (
    Connection,
    DeadError,
    ForbiddenError,
    ForeignError,
    HungError,
    NoSocketError,
    WireError,
)

_SECONDS = 3.0


class State(StrEnum):
    ANSWERS = "answers"
    ABSENT = "absent"
    DEAD = "dead"
    FORBIDDEN = "forbidden"
    HUNG = "hung"
    FOREIGN = "foreign"
    BROKEN = "broken"


_STATES = {
    NoSocketError: State.ABSENT,
    DeadError: State.DEAD,
    ForbiddenError: State.FORBIDDEN,
    HungError: State.HUNG,
    ForeignError: State.FOREIGN,
}


@dataclass(frozen=True)
class HomeFacts:
    """A watched home. `user` is whom its daemon, else its socket, belongs to; `owner` whom the folder belongs to."""

    home: Path
    state: State
    reason: str = ""
    pid: int | None = None
    user: int | None = None
    owner: int | None = None


@dataclass(frozen=True)
class Facts:
    """`written`: the homes stand in the configuration. `others`: daemons that run here and are not watched."""

    user: int
    written: bool
    use_cli: bool
    homes: Sequence[HomeFacts]
    others: Sequence[Pm2Daemon]


def gather(installation: Installation) -> Facts | None:
    params = installation.config.supervisors["pm2"]
    if installation.faults or not isinstance(params, Params) or not params.enabled:
        return None
    paths = [home.daemon.home for home in open_pm2(params).homes]
    daemons = installation.around.pm2_daemons()
    return Facts(
        user=installation.around.user(),
        written="homes" in params.model_fields_set,
        use_cli=params.use_cli,
        homes=[_home(path, daemons) for path in paths],
        others=[daemon for daemon in daemons if not any(_same(daemon.home, path) for path in paths)],
    )


def _home(home: Path, daemons: Sequence[Pm2Daemon]) -> HomeFacts:
    daemon = next((each for each in daemons if _same(each.home, home)), None)
    socket = seen(home / "rpc.sock")
    state, reason = _asked(home / "rpc.sock")
    user = daemon.user if daemon else socket.owner
    return HomeFacts(home, state, reason, daemon.pid if daemon else None, user, seen(home).owner)


def _asked(socket: Path) -> tuple[State, str]:
    try:
        with Connection(socket, _SECONDS) as connection:
            connection.call("getVersion", {})
    except WireError as error:
        return _STATES.get(type(error), State.BROKEN), str(error)
    return State.ANSWERS, ""


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return one == other


def _as_user(number: int | None, command: str) -> str:
    return f"sudo -u {user_name(number)} {command}" if number is not None else command


def _absent(facts: Facts) -> Iterable[Hit]:
    for home in facts.homes:
        if home.state is State.ABSENT and facts.written:
            yield Hit(f"no PM2 daemon in {home.home}", "correct [supervisors.pm2] homes, or start PM2 there")


def _dead(facts: Facts) -> Iterable[Hit]:
    for home in facts.homes:
        if home.state is State.DEAD:
            yield Hit(f"the PM2 daemon of {home.home} is dead", f"PM2_HOME={home.home} pm2 resurrect")


def _hung(facts: Facts) -> Iterable[Hit]:
    for home in facts.homes:
        if home.state is State.HUNG:
            kill = f"kill -9 {home.pid}; " if home.pid else "end it, then "
            yield Hit(f"the PM2 daemon of {home.home} hangs", f"{kill}PM2_HOME={home.home} pm2 resurrect")


def _forbidden(facts: Facts) -> Iterable[Hit]:
    for home in facts.homes:
        if home.state is State.FORBIDDEN:
            whose = f" of {user_name(home.user)}" if home.user is not None else ""
            yield Hit(
                f"{user_name(facts.user)} may not use the PM2 socket{whose} in {home.home}",
                _as_user(home.user, "guardian up"),
            )


def _foreign(facts: Facts) -> Iterable[Hit]:
    for home in facts.homes:
        if home.state in (State.FOREIGN, State.BROKEN) and not facts.use_cli:
            yield Hit(f"the PM2 daemon of {home.home}: {home.reason}", "[supervisors.pm2] use_cli = true")


def _mixed(facts: Facts) -> Iterable[Hit]:
    for home in facts.homes:
        if home.state is State.ABSENT or None in (home.user, home.owner) or home.user == home.owner:
            continue
        user, owner = user_name(home.user or 0), user_name(home.owner or 0)
        yield Hit(
            f"the PM2 daemon in {home.home} runs as {user}, the folder belongs to {owner}",
            f"sudo -u {user} PM2_HOME={home.home} pm2 kill; sudo -u {owner} PM2_HOME={home.home} pm2 resurrect",
        )


def _unwatched(facts: Facts) -> Iterable[Hit]:
    for daemon in facts.others:
        whose = "" if daemon.user == facts.user else f" of {user_name(daemon.user)}"
        able = facts.user in (daemon.user, 0)  # root may use every socket
        mend = f'add "{daemon.home}" to [supervisors.pm2] homes' if able else _as_user(daemon.user, "guardian up")
        yield Hit(f"a PM2 daemon{whose} in {daemon.home} is not watched", mend)


AREA = Area(
    "PM2",
    gather,
    (
        Rule("pm2_absent", Severity.HIGH, "a configured home has no daemon", "its processes are not looked at",
             _absent),
        Rule("pm2_dead", Severity.HIGH, "its socket is there, and nobody listens",
             "its processes run on without anybody who restarts them", _dead),
        Rule("pm2_hung", Severity.HIGH, "its daemon does not answer", "nothing can be seen or restarted", _hung),
        Rule("pm2_rights", Severity.HIGH, "its socket is another user's", "nothing can be seen or restarted",
             _forbidden),
        Rule("pm2_protocol", Severity.HIGH, "its answer is not understood", "nothing can be seen or restarted",
             _foreign),
        Rule("pm2_owner", Severity.WARNING, "its daemon runs as another user than its folder's (`sudo pm2`)",
             "that user's own `pm2` starts a second, empty daemon, and logs become unreadable", _mixed),
        Rule("pm2_unwatched", Severity.WARNING, "a daemon runs here that is not watched",
             "its processes may crash unseen", _unwatched),
    ),
)  # fmt: skip
