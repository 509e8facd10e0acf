"""Judging ports, and their way through the engine with real sockets. How they end: tests/host/test_knocking.py."""

import socket
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from guardian.checks import gateway
from guardian.checks.gateway import Params, Port, Sample, judge
from guardian.errors import SourceError
from guardian.host.network import HostNetwork
from guardian.logs.tail import LogTail
from guardian.model import Reason, Status, Verdict
from guardian.ports import Door, Holder, Knocked, NoNetwork, Outcome, Ports
from tests.engine.conftest import drive, redis_process, redis_server
from tests.engine.drive import Drive
from tests.host import servers
from tests.host.servers import serving

__all__ = ["drive", "redis_process", "redis_server"]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NODE = Holder(8080, "127.0.0.1", 12, "node", "node server.js", datetime(2026, 11, 24, 9, tzinfo=UTC))
FOREIGN = Holder(8080, "0.0.0.0")  # noqa: S104  nothing is bound


def judged(knocked: Knocked, holders: Sequence[Holder] | None = (), **port: Any) -> Verdict:
    params = Params(ports={"api": Port(port=8080, **port)})
    (verdict,) = judge(Sample({"api": knocked}, holders, {}), params, {}, NOW).verdicts
    return verdict


def ended(outcome: Outcome, said: str = "said", *, local: bool = True) -> Knocked:
    return Knocked(outcome, said, 0.004, local)


def test_a_port_that_answers_is_ok() -> None:
    assert judged(ended(Outcome.ANSWERED)).message == "127.0.0.1:8080 answers in 4 ms"
    assert judged(ended(Outcome.ANSWERED), [NODE], process="node").status is Status.OK
    assert judged(ended(Outcome.ANSWERED), [NODE], process="*server.js").status is Status.OK


def test_what_could_not_be_looked_at_is_unknown() -> None:
    assert judged(ended(Outcome.UNSEEN)).status is Status.UNKNOWN
    assert judged(ended(Outcome.ANSWERED), None, process="node").status is Status.UNKNOWN


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.ANSWERED, Outcome.UNSEEN}))
def test_every_other_end_fails_and_says_which(outcome: Outcome) -> None:
    verdict = judged(ended(outcome, "in words"))
    assert (verdict.status, verdict.facts["outcome"]) == (Status.FAIL, str(outcome))
    assert "in words" in verdict.message


@pytest.mark.parametrize(
    ("holders", "text"),
    [
        ((), "refused: nobody listens on port 8080"),
        (None, "refused: who listens cannot be seen"),
        ([NODE], "refused: node (pid 12, since 2026-11-24 09:00 UTC: node server.js) listens, on 127.0.0.1 alone"),
        ([FOREIGN], "refused: a process of another user listens, on 0.0.0.0 alone"),
    ],
)
def test_refused_says_who_listens_or_that_nobody_does(holders: Any, text: str) -> None:
    assert judged(ended(Outcome.REFUSED, "refused"), holders).message == f"127.0.0.1:8080 {text}"


def test_another_hosts_port_says_nothing_of_this_machines_processes() -> None:
    assert judged(ended(Outcome.REFUSED, "refused", local=False), (), host="db").message == "db:8080 refused"


def test_a_stranger_on_the_port_fails_even_if_it_answers_and_is_named() -> None:
    verdict = judged(ended(Outcome.ANSWERED, ""), [NODE], process="python*")
    assert verdict.status is Status.FAIL
    assert "by node (pid 12, since 2026-11-24 09:00 UTC: node server.js), not by python*; it answers" in verdict.message
    both = [replace(NODE, name="x", command="x"), NODE]
    assert judged(ended(Outcome.ANSWERED), both, process="node").status is Status.OK


@dataclass
class Blind(NoNetwork):
    """Answers on every port, and may not see who listens. Counts how often it is asked."""

    asked: int = 0

    def knock(self, doors: Sequence[Door]) -> Sequence[Knocked]:
        return [ended(Outcome.ANSWERED) for _ in doors]

    def holders(self, ports: Collection[int]) -> Sequence[Holder]:
        self.asked += 1
        raise SourceError("listening ports", "AccessDenied")


def probed(network: Any, only: str | None = None, **ports: Port) -> Sample:
    made: Any = Ports("n", [], None, LogTail(), network=network)  # type: ignore[arg-type]
    return gateway.probe(made, Params(ports=ports), only)


def test_who_listens_is_looked_for_only_where_somebody_asks() -> None:
    network = Blind()
    assert probed(network, api=Port(port=80)).holders == ()
    assert network.asked == 0
    assert probed(network, api=Port(port=80, process="node"), db=Port(port=81, process="x")).holders is None
    assert network.asked == 1


def test_verify_looks_at_one_port_alone() -> None:
    assert list(probed(Blind(), "db", api=Port(port=80), db=Port(port=81)).knocked) == ["db"]


def test_http_and_text_together_are_refused_as_is_a_path_without_a_slash() -> None:
    with pytest.raises(ValidationError, match="keep one"):
        Port(port=1, http="/", expect="x")
    with pytest.raises(ValidationError, match="begins with"):
        Port(port=1, http="health")


def test_nothing_configured_is_skipped_with_the_reason() -> None:
    assert "no port is configured" in str(judge(Sample({}, (), {}), Params(), {}, NOW).nothing)


def test_a_port_that_another_program_took_goes_to_a_person_with_its_name(drive: Drive, tmp_path: Path) -> None:
    log = tmp_path / "api.log"
    with serving(servers.says(b"SSH-2.0-x\r\n")) as taken, servers.refused() as none:
        log.write_text(f"Error: listen EADDRINUSE: address already in use 127.0.0.1:{taken}\n")
        drive.configure(
            f'[checks.gateway.ports.api]\nport = {taken}\nhttp = "/"\nlogs = ["{log}"]\n'
            f"[checks.gateway.ports.gone]\nport = {none}\n",
            {"gateway": gateway.CHECK},
        )
        ports = replace(drive.engine.ports, network=HostNetwork(), logs=LogTail())
        drive.engine = replace(drive.engine, ports=ports)
        drive.patrol("gateway")
    api, gone = drive.of("api"), drive.of("gone")
    assert (api.reason, gone.reason) == (Reason.NO_REMEDY, Reason.NO_REMEDY)
    assert "answers something else: SSH-2.0-x" in api.message
    assert "nobody listens" in gone.message
    assert api.evidence is not None
    assert api.evidence.hypothesis is not None
    assert f"port {taken} is already in use: " in api.evidence.hypothesis.cause
    assert Path(sys.executable).name[:6] in api.evidence.hypothesis.cause
    assert {task["check"] for task in drive.tasks()} == {"gateway"}


def test_a_port_that_answers_again_resolves(drive: Drive) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        drive.configure(f"[checks.gateway.ports.api]\nport = {held.getsockname()[1]}\n", {"gateway": gateway.CHECK})
        drive.engine = replace(drive.engine, ports=replace(drive.engine.ports, network=HostNetwork()))
        drive.patrol("gateway")
        assert drive.open
        held.listen()
        drive.advance(10)
    assert drive.only().resolution is not None
