"""Where supervisord listens by its file; which process is one."""

from pathlib import Path

import psutil
import pytest

from guardian.host import supervisords
from guardian.host.machine import shares_files
from guardian.host.supervisords import address_in, supervisord_daemons
from tests.real_supervisord import running_supervisord


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("[unix_http_server]\nfile=/run/s.sock ; the socket\n", "/run/s.sock"),
        ("[unix_http_server]\nfile=%(here)s/s.sock\nusername=u\npassword={SHA}x%y\n", "{here}/s.sock"),
        ("[unix_http_server]\nfile=s.sock\n", "{here}/s.sock"),
        ("[unix_http_server]\nfile=%(ENV_HOME)s/s.sock\n", None),
        ("[inet_http_server]\nport=127.0.0.1:9001\n", "http://127.0.0.1:9001"),
        ("[inet_http_server]\nport=*:9001\n", "http://127.0.0.1:9001"),
        ("[inet_http_server]\nport=9001\n", "http://127.0.0.1:9001"),
        ("[inet_http_server]\nport=10.0.0.7:9001\n", "http://10.0.0.7:9001"),
        ("[inet_http_server]\nport=many\n", None),
        ("[inet_http_server]\nport=1\n[unix_http_server]\nfile=/s\n[x]\na=1\na=2\n", "/s"),
    ],
)
def test_the_socket_or_else_the_port(tmp_path: Path, text: str, expected: str | None) -> None:
    file = tmp_path / "supervisord.conf"
    file.write_text(text)
    assert address_in(file) == (expected.format(here=tmp_path) if expected else None)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["supervisord", "-n", "-c", "x"], "x"),
        (["supervisord", "-cx"], "x"),
        (["supervisord", "--configuration", "x"], "x"),
        (["supervisord", "--configuration=x"], "x"),
        (["supervisord", "-n"], None),
        (["supervisord", "-c"], None),
    ],
)
def test_its_file_is_the_one_that_it_was_told_of(words: list[str], expected: str | None) -> None:
    assert supervisords._option(words) == expected


class _Process:
    def __init__(self, *words: str) -> None:
        self.info = {"cmdline": list(words), "uids": object()}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["/usr/bin/python3", "/usr/bin/supervisord", "-n"], True),
        (["python3.12", "-m", "supervisor.supervisord", "-c", "x"], True),
        (["/opt/bin/supervisord"], True),
        (["vi", "/etc/supervisord"], False),
        (["sudo", "supervisord"], False),
        (["python3", "-c", "1", "2", "supervisord"], False),
        ([], False),
    ],
)
def test_who_is_one(words: list[str], expected: bool) -> None:
    assert supervisords._is_supervisord(_Process(*words)) is expected  # type: ignore[arg-type]


def test_a_real_one_whose_file_is_broken_or_gone_is_there_without_an_address() -> None:
    def mine(pid: int) -> list[supervisords.SupervisordDaemon]:
        return [each for each in supervisord_daemons() if each.pid == pid]

    with running_supervisord() as daemon:
        assert daemon.daemon is not None
        (found,) = mine(daemon.daemon.pid)
        assert (found.config, found.address) == (daemon.config, str(daemon.socket))
        assert found.user == psutil.Process(daemon.daemon.pid).uids().effective
        daemon.config.write_text("no sections\n")
        (found,) = mine(daemon.daemon.pid)
        assert found.address is None
        daemon.config.unlink()
        (found,) = mine(daemon.daemon.pid)
        assert (found.config, found.address) == (None, None)


def test_a_process_of_this_machine_shares_its_files_and_of_one_that_is_gone_nobody_knows() -> None:
    assert shares_files(psutil.Process().pid)
    assert shares_files(2**22 + 1)
