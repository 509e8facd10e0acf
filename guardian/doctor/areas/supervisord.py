"""supervisord: its daemon away, hung, closed to us, of another protocol, out of reach, or one that nobody watches."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.host.machine import user_name
from guardian.host.rights import seen
from guardian.host.supervisords import SupervisordDaemon
from guardian.model import Severity
from guardian.supervisors.supervisord import Params, Server, open_supervisord
from guardian.supervisors.supervisord.daemon import reason
from guardian.supervisors.supervisord.wire import (
    Address,
    DeadError,
    ForbiddenError,
    HungError,
    LoginError,
    NoSocketError,
    WireError,
    address,
)


class State(StrEnum):
    ANSWERS = "answers"
    ABSENT = "absent"
    DEAD = "dead"
    FORBIDDEN = "forbidden"
    HUNG = "hung"
    LOGIN = "login"
    BROKEN = "broken"


_STATES = {
    NoSocketError: State.ABSENT,
    DeadError: State.DEAD,
    ForbiddenError: State.FORBIDDEN,
    HungError: State.HUNG,
    LoginError: State.LOGIN,
}


@dataclass(frozen=True)
class ServerFacts:
    """A watched daemon, at the place where it is looked for. `owner` is whom its socket belongs to."""

    place: str
    state: State
    reason: str = ""
    owner: int | None = None


@dataclass(frozen=True)
class Facts:
    """`written`: the sockets stand in the configuration. `others`: daemons that run here and are not watched."""

    user: int
    written: bool
    servers: Sequence[ServerFacts]
    others: Sequence[SupervisordDaemon]


def gather(installation: Installation) -> Facts | None:
    params = installation.config.supervisors["supervisord"]
    if installation.faults or not isinstance(params, Params) or not params.enabled:
        return None
    servers = open_supervisord(params).servers
    watched = {_real(place) for server in servers for place in server.daemon.places}
    others = [(each, _place(each)) for each in installation.around.supervisord_daemons()]
    return Facts(
        user=installation.around.user(),
        written=bool(params.sockets),
        servers=[_server(server) for server in servers],
        others=[each for each, place in others if place not in watched],
    )


def _server(server: Server) -> ServerFacts:
    place = next((each for each in server.daemon.places if not each.missing()), server.daemon.places[0])
    owner = seen(place.path).owner if place.path else None
    try:
        server.daemon.look()
    except WireError as error:
        return ServerFacts(str(place), _STATES.get(type(error), State.BROKEN), reason(error), owner)
    return ServerFacts(str(place), State.ANSWERS, owner=owner)


def _place(daemon: SupervisordDaemon) -> str | None:
    """None where it listens nowhere that can be configured."""
    with suppress(ValueError):
        return _real(address(daemon.address)) if daemon.address else None
    return None


def _real(place: Address) -> str:
    return str(place.path.resolve() if place.path else place)


def _in(facts: Facts, state: State) -> Sequence[ServerFacts]:
    return [server for server in facts.servers if server.state is state]


def _absent(facts: Facts) -> Iterable[Hit]:
    for server in _in(facts, State.ABSENT):
        if facts.written:
            mend = "correct [supervisors.supervisord] sockets, or start supervisord there"
            yield Hit(f"no supervisord at {server.place}", mend)


def _dead(facts: Facts) -> Iterable[Hit]:
    for server in _in(facts, State.DEAD):
        what = f"the supervisord of {server.place} is dead: nobody listens there"
        yield Hit(what, "end what it left running (it would be started twice), then: supervisord -c ITS-FILE")


def _hung(facts: Facts) -> Iterable[Hit]:
    for server in _in(facts, State.HUNG):
        yield Hit(f"the supervisord of {server.place} hangs", "kill -CONT its process; else end it and start it anew")


def _forbidden(facts: Facts) -> Iterable[Hit]:
    for server in _in(facts, State.FORBIDDEN):
        name, owner = user_name(facts.user), user_name(server.owner) if server.owner is not None else "its owner"
        mend = f"set chmod and chown in its [unix_http_server], or: sudo -u {owner} guardian up"
        yield Hit(f"{name} may not use supervisord's socket {server.place} of {owner}", mend)


def _login(facts: Facts) -> Iterable[Hit]:
    for server in _in(facts, State.LOGIN):
        mend = "[supervisors.supervisord] username and password_file, as in its [unix_http_server]"
        yield Hit(f"the supervisord of {server.place} asks for a user, or for another one", mend)


def _broken(facts: Facts) -> Iterable[Hit]:
    for server in _in(facts, State.BROKEN):
        mend = "see that supervisord listens there, with an [rpcinterface:supervisor] section in its file"
        yield Hit(f"supervisord at {server.place}: {server.reason}", mend)


def _unwatched(facts: Facts) -> Iterable[Hit]:
    for daemon in facts.others:
        whose = "" if daemon.user == facts.user else f" of {user_name(daemon.user)}"
        if daemon.address is not None:
            mend = f'add "{daemon.address}" to [supervisors.supervisord] sockets'
            yield Hit(f"a supervisord{whose} at {daemon.address} is not watched", mend)


def _nowhere(facts: Facts) -> Iterable[Hit]:
    for daemon in facts.others:
        if daemon.address is None and daemon.config is not None:
            what = f"supervisord (process {daemon.pid}) listens nowhere that its file {daemon.config} names"
            yield Hit(what, f"add [unix_http_server] and [rpcinterface:supervisor] to {daemon.config}")


AREA = Area(
    "supervisord",
    gather,
    (
        Rule("supervisord_absent", Severity.HIGH, "a configured socket is not there", "its processes are not looked at",
             _absent),
        Rule("supervisord_dead", Severity.HIGH, "its socket is there, and nobody listens",
             "its processes run on without anybody who restarts them", _dead),
        Rule("supervisord_hung", Severity.HIGH, "its daemon does not answer", "nothing can be seen or restarted",
             _hung),
        Rule("supervisord_rights", Severity.HIGH, "its socket is another user's", "nothing can be seen or restarted",
             _forbidden),
        Rule("supervisord_login", Severity.HIGH, "it asks for a user and a password",
             "nothing can be seen or restarted", _login),
        Rule("supervisord_protocol", Severity.HIGH, "its answer is not understood",
             "nothing can be seen or restarted", _broken),
        Rule("supervisord_nowhere", Severity.WARNING, "a daemon runs here that cannot be asked",
             "its processes may crash unseen", _nowhere),
        Rule("supervisord_unwatched", Severity.WARNING, "a daemon runs here that is not watched",
             "its processes may crash unseen", _unwatched),
    ),
)  # fmt: skip
