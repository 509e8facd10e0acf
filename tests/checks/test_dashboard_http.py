"""Judging answers, and the cure, with real servers and a real restart command. Kinds of answers: tests/host."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from guardian.checks import process_health
from guardian.checks.base import Check
from guardian.checks.dashboard_http import CHECK, Endpoint, Params, Sample, examine, judge, order, settle
from guardian.host.commands import Commands
from guardian.host.network import HostNetwork
from guardian.model import HealState, Reason, Status, Verdict
from guardian.ports import Answer, Command, Outcome
from guardian.services import remedies
from tests.engine.conftest import drive, redis_process, redis_server
from tests.engine.drive import Drive
from tests.host import servers
from tests.host.servers import serving

__all__ = ["drive", "redis_process", "redis_server"]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
URL = "http://127.0.0.1:8080/"


def judged(answer: Answer, **endpoint: Any) -> Verdict:
    params = Params(endpoints={"api": Endpoint(url=URL, **endpoint)})
    (verdict,) = judge(Sample({"api": answer}, (), {}), params, {}, NOW).verdicts
    return verdict


def answered(status: int = 200, **more: Any) -> Answer:
    return Answer(Outcome.ANSWERED, "", 0.1, status, **more)


@pytest.mark.parametrize(
    ("wanted", "good", "bad"),
    [
        (("2xx",), (200, 204, 299), (199, 300, 500)),
        (("200",), (200,), (201, 199)),
        (("200-204", "401"), (200, 204, 401), (205, 400, 402)),
    ],
)
def test_the_status_has_to_fit(wanted: Any, good: Any, bad: Any) -> None:
    assert {judged(answered(status), status=wanted).status for status in good} == {Status.OK}
    assert {judged(answered(status), status=wanted).status for status in bad} == {Status.FAIL}


def test_a_redirect_that_is_not_followed_says_where_to() -> None:
    verdict = judged(answered(301, location="https://x.example/login"))
    assert verdict.message == (
        "answered 301, a redirect to https://x.example/login, which is not followed (expected 2xx)"
    )


def test_slow_is_beyond_the_limit_and_not_at_it() -> None:
    assert judged(answered(), max_time="100ms").status is Status.OK
    assert judged(answered(), max_time="99ms").message == "slow: 100 ms (limit 0.099s)"


@pytest.mark.parametrize(
    ("body", "values", "text"),
    [
        (b'{"a": {"b": [1, {"c": true}]}}', {"a.b.1.c": True, "a.b.0": 1}, None),
        (b'{"a": 1}', {"a": True}, "its JSON has 1 under `a`, not true"),
        (b'{"a": true}', {"a": 1}, "its JSON has true under `a`, not 1"),
        (b'{"a": null}', {"a.b": "x"}, "its JSON has no `a.b`"),
        (b"[1]", {"7": 1}, "its JSON has no `7`"),
        (b"{", {"a": 1}, "its body is no JSON"),
        (b"\xff\xfe", {"a": 1}, "its body is no JSON"),
        (b"[" * 200_000, {"0": 1}, "its body is no JSON"),
        (b'{"a": "token=abcdef1234567890abcdef"}', {"a": "x"}, 'its JSON has "token=abcd***" under `a`, not "x"'),
    ],
)
def test_values_in_a_json_body(body: bytes, values: Mapping[str, Any], text: str | None) -> None:
    assert examine(None, values, body) == text


def test_text_has_to_be_in_the_body_byte_by_byte() -> None:
    assert examine("grün", {}, "es ist grün".encode()) is None
    assert examine("grün", {}, b"gr\xfcn") == "its body lacks `grün`"


@pytest.mark.parametrize(
    "url", ["ftp://x", "http://", "localhost:80", "http://user:pw@x/", "http://x:99999/", "http://a b/", "http://[::1/"]
)
def test_what_is_no_web_address_or_holds_a_login_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Endpoint(url=url)
    assert "pw" not in str(refused.value)


def test_a_command_and_a_process_together_are_refused() -> None:
    with pytest.raises(ValidationError, match="keep one"):
        Endpoint(url=URL, restart=("x",), process="y")


def test_what_a_restart_cannot_mend_rules_it_out() -> None:
    for outcome in set(Outcome) - {Outcome.ANSWERED, Outcome.UNSEEN}:
        ruled_out = judged(Answer(outcome, "said", 0.1), restart=("x",)).ruled_out
        assert (ruled_out is not None) is (outcome in {Outcome.NO_SUCH_NAME, Outcome.UNREACHABLE})
    expired = Answer(Outcome.TLS, "its certificate is refused: certificate has expired", 0.1)
    assert judged(expired, restart=("x",)).ruled_out is not None
    assert judged(Answer(Outcome.TIMED_OUT, "said", 0.1)).ruled_out == "it has neither a restart command nor a process"


def test_the_order_is_the_endpoints_own() -> None:
    params = Params(
        endpoints={
            "a": Endpoint(url=URL, restart=("run", "it"), env={"A": "b"}, restart_timeout="5m"),
            "b": Endpoint(url=URL, process="bot"),
            "c": Endpoint(url=URL),
        }
    )
    command = order(params, "a")
    assert isinstance(command, Command)
    assert (command.arguments, command.env, command.goes_on) == (("run", "it"), {"A": "b"}, True)
    assert [order(params, name) for name in ("b", "c", "gone")] == ["bot", None, None]
    assert settle(params) == timedelta(minutes=5)
    assert settle(Params()) == timedelta(seconds=15)


def watch(drive: Drive, text: str, health: Check | None = None) -> None:
    drive.configure(text, {"dashboard_http": CHECK} | ({"process_health": health} if health else {}), remedies())
    ports = replace(drive.engine.ports, network=HostNetwork(), commands=Commands())
    drive.engine = replace(drive.engine, ports=ports)


SERVER = """\
import http.server, os, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_): pass
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (0, 1, 2): os.dup2(os.open(os.devnull, os.O_RDWR), number)
        server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
        server.timeout = 60
        server.handle_request()
        server.handle_request()
    os._exit(0)
os.wait()
print("started", os.environ["WHO"], os.getcwd())
"""


def test_a_dead_dashboard_is_restarted_by_its_command_and_verified(drive: Drive, tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    with servers.refused() as port:
        pass
    watch(
        drive,
        "[checks.dashboard_http.endpoints.api]\n"
        f'url = "http://127.0.0.1:{port}/server.py"\ncontains = "handle_request"\n'
        f'restart = ["{sys.executable}", "server.py", "{port}"]\ncwd = "{tmp_path}"\nenv = {{WHO = "ann"}}\n',
    )
    drive.patrol("dashboard_http")
    incident = drive.only()
    assert f"refused: nobody listens on port {port}" in incident.message
    assert incident.heal is HealState.VERIFYING
    healed = next(step.text for step in drive.store.story(incident.id) if step.kind == "healed")
    assert f"started ann {tmp_path}" in healed
    wait_until_it_listens(port)
    drive.advance(16)
    assert drive.only().resolution is not None
    assert [step for step, _ in drive.told] == []


def wait_until_it_listens(port: int) -> None:
    import time  # noqa: PLC0415

    end = time.monotonic() + 30
    while not HostNetwork().holders([port]) and time.monotonic() < end:
        time.sleep(0.05)


def test_a_restart_that_does_not_help_is_not_repeated_but_goes_to_a_person(drive: Drive, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    with serving(servers.says(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n")) as port:
        watch(
            drive,
            f'[checks.dashboard_http.endpoints.api]\nurl = "http://127.0.0.1:{port}/"\n'
            f'restart = ["/bin/sh", "-c", "echo x >> {ran}"]\n',
        )
        drive.patrol("dashboard_http")
        drive.advance(60)
    assert ran.read_text() == "x\n"
    assert drive.only().reason is Reason.HEAL_FAILED
    assert ("alert", "api") in drive.told


def test_an_endpoint_behind_a_supervised_process_has_that_restarted_also_while_it_runs(drive: Drive) -> None:
    with servers.refused() as port:
        watch(
            drive, f'[checks.dashboard_http.endpoints.page]\nurl = "http://127.0.0.1:{port}/"\nprocess = "dashboard"\n'
        )
        drive.world.start("dashboard")
        drive.patrol("dashboard_http")
    assert drive.world.times("dashboard") == [0.0]
    assert {act.target for act in drive.store.acts("node-1")} == {"dashboard"}


def test_a_crashed_process_and_the_address_that_it_serves_are_cured_once(drive: Drive) -> None:
    text = '[checks.process_health]\n[checks.dashboard_http.endpoints.page]\nurl = "http://127.0.0.1:{}/"\n'
    with servers.refused() as port:
        watch(drive, text.format(port) + 'process = "dashboard"\n', process_health.CHECK)
        drive.world.start("dashboard")
        drive.patrol("process_health")
        drive.world.crash("dashboard")
        drive.patrol("dashboard_http")
        drive.patrol("process_health")
        drive.advance(60)
    assert len(drive.world.times("dashboard")) == 1
    assert {each.subject for each in drive.every} == {"dashboard"}


def test_one_without_a_restart_goes_to_a_person_at_once(drive: Drive) -> None:
    with servers.refused() as port:
        watch(drive, f'[checks.dashboard_http.endpoints.page]\nurl = "http://127.0.0.1:{port}/"\n')
        drive.patrol("dashboard_http")
    assert drive.only().reason is Reason.REMEDY_RULED_OUT
    assert [task["target"] for task in drive.tasks()] == ["page"]
