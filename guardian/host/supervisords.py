"""supervisord daemons that run here, whoever's, as the process list shows them, and where each listens by its
configuration file. Of that file two keys are read, and neither is a password."""

import configparser
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from guardian.host.machine import shares_files

_MODULE = "supervisor.supervisord"
_USUAL = ("supervisord.conf", "etc/supervisord.conf", "/etc/supervisord.conf", "/etc/supervisor/supervisord.conf")
"""Where supervisord looks when it is told nothing; a relative one starts in its working folder."""

_LARGEST = 1_000_000
_PORT = re.compile(r"(?:(?P<host>[^:\s]*):)?(?P<port>\d{1,5})")


@dataclass(frozen=True)
class SupervisordDaemon:
    """`user` is the number of the one that it runs as; `config` its file, where it can be read; `address` a socket's
    path or http://HOST:PORT, None where it listens nowhere, or nobody can tell."""

    pid: int
    user: int
    config: Path | None = None
    address: str | None = None


def supervisord_daemons() -> Sequence[SupervisordDaemon]:
    found = filter(_is_supervisord, psutil.process_iter(["cmdline", "uids"]))
    return [_daemon(process) for process in found if shares_files(process.pid)]


def _is_supervisord(process: psutil.Process) -> bool:
    """Run by itself or by Python; not the shell, the editor or the `sudo` that names it."""
    words = process.info["cmdline"] or []
    if not words or process.info["uids"] is None:
        return False
    if Path(words[0]).name == "supervisord":
        return True
    return Path(words[0]).name.startswith("python") and any(
        word == _MODULE or Path(word).name == "supervisord" for word in words[1:4]
    )


def _daemon(process: psutil.Process) -> SupervisordDaemon:
    user = process.info["uids"].effective
    with suppress(psutil.Error, OSError, ValueError, configparser.Error):
        cwd = Path(process.cwd())
        for place in [named] if (named := _option(process.info["cmdline"])) else _USUAL:
            if (cwd / place).is_file():
                return SupervisordDaemon(process.pid, user, cwd / place, address_in(cwd / place))
    return SupervisordDaemon(process.pid, user)


def _option(words: Sequence[str]) -> str | None:
    """Of `-c FILE`, `-cFILE`, `--configuration FILE` and `--configuration=FILE`."""
    for number, word in enumerate(words):
        if word in {"-c", "--configuration"}:
            return words[number + 1] if number + 1 < len(words) else None
        if word.startswith("--configuration="):
            return word.partition("=")[2]
        if word.startswith("-c") and not word.startswith("-c="):
            return word[2:]
    return None


def address_in(config: Path) -> str | None:
    """The socket before the port. Raises OSError, ValueError and configparser.Error."""
    with config.open(encoding="utf-8") as file:
        text = file.read(_LARGEST)
    parser = configparser.RawConfigParser(strict=False, inline_comment_prefixes=(";", "#"))
    parser.read_string(text)
    return next(_addresses(parser, config.absolute().parent), None)


def _addresses(parser: configparser.RawConfigParser, here: Path) -> Iterator[str]:
    """What is put together from the daemon's environment cannot be known."""
    file = parser.get("unix_http_server", "file", fallback="").replace("%(here)s", str(here))
    if file and "%(" not in file:
        yield str(here / file)
    found = _PORT.fullmatch(parser.get("inet_http_server", "port", fallback="").strip())
    if found:
        host = found["host"] or "127.0.0.1"
        yield f"http://{'127.0.0.1' if host == '*' else host}:{found['port']}"
