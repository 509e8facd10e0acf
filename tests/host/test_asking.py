"""Fifteen kinds of bad servers, with real sockets: each is named within its limit, and nobody else waits for it."""

import gzip
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trustme

from guardian.checks import dashboard_http
from guardian.checks.dashboard_http import Endpoint, Params
from guardian.host.network import HostNetwork
from guardian.logs.tail import LogTail
from guardian.model import Status, Verdict
from guardian.ports import Answer, NeverActed, Outcome, Ports, Request
from tests.host import servers
from tests.host.servers import Talk, serving

NOW = datetime.now(UTC)
LIMIT = timedelta(seconds=2)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n" + b'{"status":"ok"}'
HEAD = b"HTTP/1.1 200 OK\r\n"


def location(url: str) -> Talk:
    return servers.says(f"HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode())


@dataclass(frozen=True)
class Bad:
    """A kind of bad server, and the words that name it."""

    talk: Talk
    words: str
    context: str = ""
    more: Mapping[str, Any] | None = None


BAD: Mapping[str, Bad] = {
    "slow": Bad(servers.after(0.4, servers.says(OK)), "slow: ", more={"max_time": "100ms"}),
    "hanging": Bad(servers.hangs, "no whole answer within 2s: it accepts connections, and says nothing"),
    "dripping headers": Bad(servers.drips(HEAD, b"X: y\r\n"), "no whole answer within 2s: its headers have no end"),
    "dripping body": Bad(
        servers.drips(HEAD + b"Content-Length: 99999\r\n\r\n", b"x"), "no whole answer within 2s: its body has no end"
    ),
    "huge": Bad(servers.floods(HEAD + b"\r\n", b"x" * 65_536), "its body is longer than 1MB"),
    "malformed": Bad(
        servers.says(HEAD + b"Transfer-Encoding: chunked\r\n\r\nnot-a-number\r\n"), "its body is malformed"
    ),
    "redirect loop": Bad(location("/again"), "a redirect loop, at http://127.0.0.1", more={"redirects": 5}),
    "redirect to another host": Bad(
        location("http://elsewhere.example/x?token=hunter2"),
        "redirects to another host or port, which is not followed: http://elsewhere.example/x",
        more={"redirects": 5},
    ),
    "certificate of another host": Bad(servers.says(OK), "its certificate is refused: IP address mismatch", "wrong"),
    "expired certificate": Bad(servers.says(OK), "its certificate is refused: certificate has expired", "expired"),
    "reset": Bad(servers.resets, "it resets the connection"),
    "half closed": Bad(
        servers.half_closes(HEAD + b"Content-Length: 99\r\n\r\nhalf"), "the connection ended in the middle of the body"
    ),
    "wrong status": Bad(servers.says(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"), "answered 503 (expected 2xx)"),
    "wrong body": Bad(
        servers.says(OK), 'its JSON has "ok" under `status`, not "fine"', more={"json_values": {"status": "fine"}}
    ),
    "not HTTP": Bad(servers.says(b"SSH-2.0-OpenSSH_9.2\r\n"), "does not speak HTTP: SSH-2.0-OpenSSH_9.2"),
}


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """Server contexts by name, and `ca`, the file with the authority that signed them all."""
    authority = trustme.CA()
    ca = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(ca)
    past, soon = datetime.now(UTC) - timedelta(days=1), datetime.now(UTC) + timedelta(days=5, hours=1)
    certs = {
        "good": authority.issue_cert("127.0.0.1"),
        "soon": authority.issue_cert("127.0.0.1", not_after=soon),
        "wrong": authority.issue_cert("10.9.9.9"),
        "expired": authority.issue_cert("127.0.0.1", not_after=past),
    }
    made: dict[str, Any] = {name: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for name in certs}
    for name, cert in certs.items():
        cert.configure_cert(made[name])
    return made | {"ca": str(ca)}


def looked(endpoints: Mapping[str, Endpoint]) -> dict[str, Verdict]:
    params = Params(endpoints=endpoints)
    ports = Ports("n", [], NeverActed(), LogTail(), network=HostNetwork())
    judgement = dashboard_http.judge(dashboard_http.probe(ports, params), params, {}, NOW)
    return {verdict.target: verdict for verdict in judgement.verdicts}


@pytest.fixture
def world(contexts: Mapping[str, Any]) -> Iterator[Callable[..., Endpoint]]:
    """Starts a server and gives its endpoint."""
    with ExitStack() as stack:

        def start(talk: Talk, tls: str = "", **more: Any) -> Endpoint:
            port = stack.enter_context(serving(talk, contexts.get(tls)))
            ca = {"ca_file": contexts["ca"]} if tls else {}
            scheme = "https" if tls else "http"
            return Endpoint(url=f"{scheme}://127.0.0.1:{port}/", timeout=LIMIT, **ca, **more)

        yield start


def test_fifteen_kinds_of_bad_servers_are_named_in_time_and_their_healthy_neighbours_are_ok(
    world: Callable[..., Endpoint],
) -> None:
    bad = {name.replace(" ", "-"): world(each.talk, each.context, **each.more or {}) for name, each in BAD.items()}
    good = {f"good-{number}": world(servers.says(OK), "good" if number % 2 else "") for number in range(14)}
    began = time.monotonic()
    found = looked(bad | good)
    assert time.monotonic() - began < 2 * LIMIT.total_seconds() + 2
    assert len(BAD) == 15
    for name, each in BAD.items():
        verdict = found[name.replace(" ", "-")]
        assert verdict.status is Status.FAIL, (name, verdict)
        assert each.words in verdict.message, name
        assert "hunter2" not in verdict.message
    assert {found[name].status for name in good} == {Status.OK}


def test_a_good_answer_has_its_status_and_time(world: Callable[..., Endpoint]) -> None:
    verdict = looked({"a": world(servers.says(OK), contains="ok", json_values={"status": "ok"})})["a"]
    assert verdict.status is Status.OK
    assert verdict.message.startswith("200 in ")
    assert verdict.facts["certificate_ends"] is None


def test_a_certificate_that_ends_soon_is_a_warning(world: Callable[..., Endpoint]) -> None:
    verdict = looked({"a": world(servers.says(OK), "soon")})["a"]
    assert (verdict.status, verdict.severity) == (Status.FAIL, "warning")
    assert "its certificate ends on " in verdict.message
    assert verdict.message.endswith("in 5 days")
    assert verdict.ruled_out is not None
    left = looked({"a": world(servers.says(OK), "soon", certificate_left="3 days")})["a"]
    assert left.status is Status.OK


def ask(talk: Talk, **more: Any) -> Answer:
    with serving(talk) as port:
        (answer,) = HostNetwork().ask([Request(f"http://127.0.0.1:{port}/", LIMIT, **more)])
    return answer


def test_refused_and_a_server_that_closes_are_told_apart() -> None:
    with servers.refused() as port:
        (refused,) = HostNetwork().ask([Request(f"http://127.0.0.1:{port}/", LIMIT)])
    assert (refused.outcome, refused.local) == (Outcome.REFUSED, True)
    assert ask(servers.says()).outcome is Outcome.SILENT


def test_a_name_that_is_not_there_is_named_and_no_restart_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket  # noqa: PLC0415

    def lookup(*_: object, **__: object) -> Any:
        raise socket.gaierror(socket.EAI_NONAME, "none")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    verdict = looked({"a": Endpoint(url="http://nosuch.example/", restart=("true",))})["a"]
    assert (verdict.status, verdict.message) == (Status.FAIL, "there is no such name in the DNS")
    assert verdict.ruled_out is not None


def test_redirects_are_off_unless_asked_for_and_then_followed_on_the_same_host() -> None:
    def talk(talking: Any, over: Any) -> None:
        asked = talking.recv(65_536)
        answer = b"HTTP/1.1 302 Found\r\nLocation: /there?key=hunter2\r\nContent-Length: 0\r\n\r\n"
        talking.sendall(OK if asked.startswith(b"GET /there?key=hunter2") else answer)

    off = ask(talk)
    assert (off.status, str(off.location).endswith("/there")) == (302, True)
    assert ask(talk, redirects=1).status == 200


def test_headers_go_out_and_their_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    got: list[bytes] = []

    def talk(talking: Any, over: Any) -> None:
        asked = talking.recv(65_536)
        while not asked.endswith(b"ping"):
            asked += talking.recv(65_536)
        got.append(asked)
        talking.sendall(OK)

    monkeypatch.setenv("DASH_TOKEN", "hunter2")
    headers = {"headers": {"X-A": "b"}, "secret_headers": {"Authorization": "DASH_TOKEN"}}
    assert ask(talk, method="POST", body=b"ping", **headers).status == 200
    assert got[0].startswith(b"POST / HTTP/1.1\r\n")
    assert b"X-A: b\r\n" in got[0]
    assert b"Authorization: hunter2\r\n" in got[0]
    assert got[0].endswith(b"\r\n\r\nping")
    monkeypatch.delenv("DASH_TOKEN")
    unset = ask(talk, **headers)
    assert (unset.outcome, unset.said) == (Outcome.UNSEEN, "the environment variable DASH_TOKEN is not set")


def test_neither_a_proxy_nor_a_netrc_of_the_environment_is_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password hunter2\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    got: list[bytes] = []

    def talk(talking: Any, over: Any) -> None:
        got.append(talking.recv(65_536))
        talking.sendall(OK)

    assert ask(talk).status == 200
    assert b"Authorization" not in got[0]


def test_a_packed_body_that_grows_without_end_is_stopped_at_the_bound() -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    head = HEAD + f"Content-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    answer = ask(servers.says(head, bomb))
    assert (answer.outcome, "longer than 1MB" in answer.said) == (Outcome.WRONG, True)


def test_a_look_leaves_no_socket_open(world: Callable[..., Endpoint]) -> None:
    endpoints = {"a": world(servers.hangs), "b": world(servers.says(OK)), "c": world(servers.drips(HEAD, b"X: y\r\n"))}
    looked(endpoints)

    def open_now() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_now()
    for _ in range(2):
        looked(endpoints)
    end = time.monotonic() + 10
    while open_now() > before + 6 and time.monotonic() < end:  # the servers' own ends, which they close by and by
        time.sleep(0.05)
    assert open_now() <= before + 6
