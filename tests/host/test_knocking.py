"""Real sockets: every way in which a connection can end has its own name, and none takes longer than its limit."""

import errno
import os
import socket
import ssl
import time
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
import trustme

from guardian.host import knocking
from guardian.host.crowd import Job, Line, together
from guardian.host.network import HostNetwork
from guardian.ports import Door, Knocked, Outcome
from tests.host import servers
from tests.host.servers import serving

HTTP = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LIMIT = timedelta(seconds=1)


def knock(port: int, **more: Any) -> Knocked:
    (found,) = HostNetwork().knock([Door("127.0.0.1", port, LIMIT, **more)])
    return found


def test_a_port_that_accepts_is_answered_and_known_as_this_machines_own() -> None:
    with serving(servers.hangs) as port:
        found = knock(port)
    assert (found.outcome, found.local) == (Outcome.ANSWERED, True)


def test_refused_silent_filtered_reset_closed_and_wrong_are_told_apart() -> None:
    with ExitStack() as stack:
        kinds = {
            Outcome.REFUSED: (stack.enter_context(servers.refused()), "refused"),
            Outcome.SILENT: (stack.enter_context(serving(servers.hangs)), "is then silent for 1s"),
            Outcome.TIMED_OUT: (stack.enter_context(servers.filtered()), "no answer to the connection"),
            Outcome.RESET: (stack.enter_context(serving(servers.resets)), "resets"),
            Outcome.WRONG: (stack.enter_context(serving(servers.says(b"SSH-2.0-x\r\n"))), "something else: SSH-2.0-x"),
        }
        for outcome, (port, text) in kinds.items():
            found = knock(port, send=HTTP, expect=b"HTTP/1.")
            assert found.outcome is outcome, found
            assert text in found.said
            assert found.local is (outcome is not Outcome.TIMED_OUT)
        closed = knock(stack.enter_context(serving(servers.says())), send=HTTP, expect=b"HTTP/1.")
        assert (closed.outcome, "without a word" in closed.said) == (Outcome.SILENT, True)
        good = knock(stack.enter_context(serving(servers.says(b"HTTP/1.1 200 OK\r\n"))), send=HTTP, expect=b"HTTP/1.")
        assert good.outcome is Outcome.ANSWERED


def test_tls_is_agreed_on_and_what_is_wrong_with_it_is_said(tmp_path: Any) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    with serving(servers.says(b"HTTP/1.1 200 OK\r\n"), context) as port, serving(servers.says(b"plain")) as plain:
        trusted = knock(port, tls=True, ca_file=str(tmp_path / "ca.pem"), send=HTTP, expect=b"HTTP/1.")
        unverified = knock(port, tls=True, verify=False)
        stranger, none = knock(port, tls=True), knock(plain, tls=True)
        missing = knock(port, tls=True, ca_file=str(tmp_path / "none.pem"))
    assert (trusted.outcome, unverified.outcome) == (Outcome.ANSWERED, Outcome.ANSWERED)
    assert (stranger.outcome, "certificate is refused" in stranger.said) == (Outcome.TLS, True)
    assert (none.outcome, "no TLS" in none.said) == (Outcome.TLS, True)
    assert missing.outcome is Outcome.UNSEEN


@pytest.mark.parametrize(
    ("number", "outcome"),
    [(socket.EAI_NONAME, Outcome.NO_SUCH_NAME), (socket.EAI_AGAIN, Outcome.UNSEEN), (socket.EAI_FAIL, Outcome.UNSEEN)],
)
def test_a_name_that_is_not_there_is_no_name_server_that_is_away(
    number: int, outcome: Outcome, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lookup(*_: object, **__: object) -> Any:
        raise socket.gaierror(number, "words")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    (found,) = HostNetwork().knock([Door("api.example", 80, LIMIT)])
    assert found.outcome is outcome


@pytest.mark.parametrize(
    ("number", "outcome"),
    [
        (errno.ENETUNREACH, Outcome.UNREACHABLE),
        (errno.EHOSTUNREACH, Outcome.UNREACHABLE),
        (errno.ECONNRESET, Outcome.RESET),
        (errno.EMFILE, Outcome.UNSEEN),
    ],
)
def test_an_error_of_the_system_has_its_outcome(number: int, outcome: Outcome) -> None:
    assert knocking.named(OSError(number, os.strerror(number)))[0] is outcome


def test_a_name_server_that_hangs_costs_its_own_port_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def lookup(host: str, *arguments: Any, **more: Any) -> Any:
        if host == "slow.example":
            time.sleep(3)
        return real(host, *arguments, **more)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with serving(servers.hangs) as port:
        began = time.monotonic()
        doors = [Door("slow.example", 80, timedelta(seconds=0.5)), Door("127.0.0.1", port, LIMIT)]
        slow, good = HostNetwork().knock(doors)
        assert time.monotonic() - began < 2.5
    assert (slow.outcome, good.outcome) == (Outcome.UNSEEN, Outcome.ANSWERED)
    assert "looking up the name" in slow.said


def test_many_that_hang_keep_nobody_waiting_and_all_have_an_end() -> None:
    def hang(_line: Line) -> str:
        time.sleep(1.5)
        return "too late"

    jobs = [Job(hang, lambda _: "late", 0.3) for _ in range(200)]
    jobs.append(Job(lambda _: "good", lambda _: "late", 0.3))
    began = time.monotonic()
    found = together(jobs, within=20)
    assert time.monotonic() - began < 15
    assert found == ["late"] * 200 + ["good"]


def test_what_there_was_no_time_for_is_said_to_be_not_begun() -> None:
    jobs = [Job(lambda _: time.sleep(0.5) or "done", lambda stage: stage, 5.0) for _ in range(600)]
    began = time.monotonic()
    found = together(jobs, within=0.2)
    assert time.monotonic() - began < 5
    assert found[-1] == "not begun: there was no time left"


def test_who_listens_is_named_with_its_command_and_no_secret_in_it(tmp_path: Any) -> None:
    with serving(servers.hangs) as port:
        (holder,) = HostNetwork().holders([port])
    assert (holder.port, holder.address, holder.pid) == (port, "127.0.0.1", os.getpid())
    assert holder.since is not None
    assert holder.command
