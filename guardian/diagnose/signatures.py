"""What a log tail says of why a program died. One table; a new cause is one more row.

A line counts only in a tool's own form (the last line of a traceback, `code: 'EADDRINUSE'`), never because it
mentions a word. Each line is cut before it is looked at, and no pattern nests repetitions: time is bounded.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from guardian.diagnose.blocks import blocks
from guardian.diagnose.plain import brief
from guardian.model import JSON, Hypothesis

MAX_LINES = 300
MAX_LINE = 1_000
SAME_CRASH_LINES = 30
"""How far above the deciding line another line of the same signature may lend its details."""

Detail = Mapping[str, str]


@dataclass(frozen=True)
class Signature:
    """`patterns` are searched in a line without its time stamp; their named groups go to `cause`, with
    those of `also` in the rest of that line."""

    name: str
    title: str
    patterns: Sequence[re.Pattern[str]]
    cause: Callable[[Detail], str]
    fix_hint: str
    also: re.Pattern[str] | None = None


def _patterns(*sources: str) -> Sequence[re.Pattern[str]]:
    return tuple(re.compile(source) for source in sources)


def _encoding(detail: Detail) -> str:
    verb = detail["verb"]
    what = detail.get("what") or "text"
    shown = " ".join(filter(None, (what, detail.get("char"), _glyph(detail.get("char") or ""))))
    return f"Unicode{verb.title()}Error: the codec '{detail['codec']}' cannot {verb} {shown}"


def _glyph(escape: str) -> str:
    """`'\\u2713'` as the character that it stands for, where that can be shown."""
    found = re.fullmatch(r"'\\(?:x|u|U)([0-9a-fA-F]{2,8})'", escape)
    code = int(found[1], 16) if found else 0
    return f"({chr(code)})" if code <= 0x10FFFF and chr(code).isprintable() else ""  # noqa: PLR2004 - last code point


def _port(detail: Detail) -> str:
    named = f"port {detail['port']}" if "port" in detail else "the port or socket it listens on"
    if "holder" in detail:
        return f"{named} is already in use: {detail['holder']} holds it"
    if "denied" in detail:
        return f"the system refuses {named}: another program holds it, or it is reserved or privileged"
    return f"{named} is already in use by another program, or by an earlier copy of this one"


def _module(detail: Detail) -> str:
    name = detail.get("name")
    if "attribute" in detail:
        return f"'{detail['attribute']}' cannot be imported from '{name}': another version than the code expects"
    return f"the module '{name}' cannot be found or loaded" if name else "a module cannot be found"


def _memory(detail: Detail) -> str:
    if "limit" in detail:
        return "it grew over its memory limit and was restarted by its supervisor"
    if "killed" in detail:
        return "it was killed with SIGKILL, most often by the system because memory ran out"
    return "it ran out of memory" + (" (JavaScript heap)" if "heap" in detail else "")


# not the first part of an IPv6 address
_PORT = re.compile(r"(?:\('[^']{0,64}', |:|\b[Pp]ort )(?P<port>\d{1,5})(?!\d|\.\d|:[\d:])")

SIGNATURES: Sequence[Signature] = (
    Signature(
        "encoding_error",
        "a character that the encoding lacks",
        _patterns(
            r"'(?P<codec>[\w.:-]{1,40})' codec can't (?P<verb>encode|decode) (?P<what>characters?|bytes?)"
            r"(?: (?P<char>'[^']{1,12}'|0x[0-9a-f]{2}))? in position \d"
        ),
        _encoding,
        'Open files and pipes with encoding="utf-8", errors="replace", also in subprocess calls; '
        "start the program with PYTHONIOENCODING=utf-8:replace and PYTHONUTF8=1 in its environment.",
    ),
    Signature(
        "port_in_use",
        "a port that another program holds",
        _patterns(
            r"\blisten EADDRINUSE\b",
            r"\blisten (?P<denied>EACCES)\b",
            r"^(?:errno|code|\[?errno\]?): '?(?:EADDRINUSE)'?,?$",
            r"\[Errno (?:48|98|10048)\] .{0,200}?[Aa]ddress already in use",
            r"\[(?:WinError|Errno) 10048\]",
            r"\[(?:WinError|Errno) (?P<denied>10013)\]",
            r"(?P<denied>access a socket in a way forbidden) by its access permissions",
            r"\bbind\(\) to \S{1,200} failed \(98: Address already in use\)",
            r"\blisten (?:tcp|udp)[46]? \S{1,200}: bind: (?:address already in use|Only one usage)",
            r"\bConnection in use: \('[^']{0,200}', \d{1,5}\)",
            r"^Port \d{1,5} is (?:already )?in use\b",
            r"^(?:[\w.]{1,100}: )?(?:bind: )?Address already in use$",
            r"\bkind: AddrInUse\b",
            r"\bBindException: Address already in use",
        ),
        _port,
        "Find the holder (ss -ltnp, lsof -i :PORT; on Windows netstat -ano), stop it or give one of the two "
        "another port; look for a second copy of this program under another supervisor.",
        also=_PORT,
    ),
    Signature(
        "missing_module",
        "a module that is not installed",
        _patterns(
            r"^(?:ModuleNotFoundError|ImportError): No module named '?(?P<name>[\w.-]{1,200})",
            r"\bNo module named '(?P<name>[\w.]{1,200})'(?:; .{1,200} is not a package)?$",
            r"^ImportError: cannot import name '(?P<attribute>\w{1,200})' from "
            r"(?:partially initialized module )?'(?P<name>[\w.]{1,200})'",
            r"^ImportError: DLL load failed while importing (?P<name>\w{1,200})",
            r"^(?:ImportError|OSError): (?P<name>[\w.+-]{1,200}): cannot open shared object file",
            r"^\S{0,200}python[\d.]{0,8}(?:\.exe)?: No module named (?P<name>[\w.]{1,200})",
            r"^\[?(?:Uncaught )?\w{0,40}Error(?: \[\w{1,40}\])?: "
            r"Cannot find (?:module|package) '(?P<name>[^']{1,200})'",
            r"^code: '(?:ERR_)?MODULE_NOT_FOUND',?$",
        ),
        _module,
        "Install it into the environment that the supervisor starts (interpreter and working directory of "
        "the process, not of your shell), or correct the path; pin it in the requirements.",
    ),
    Signature(
        "out_of_memory",
        "memory ran out",
        _patterns(
            r"^(?:[\w.]{1,200}\._?Array)?MemoryError(?:: |$)",
            r"^FATAL ERROR: .{0,200}JavaScript (?P<heap>heap) out of memory",
            r"^terminate called after throwing an instance of 'std::bad_alloc'",
            r"^what\(\): {1,4}std::bad_alloc",
            r"^(?:Caused by: )?java\.lang\.OutOfMemoryError\b",
            r"^(?:Exception in thread \"[^\"]{0,100}\" )java\.lang\.OutOfMemoryError\b",
            r"^torch\.(?:cuda\.)?OutOfMemoryError: ",
            r"^fatal error: runtime: out of memory",
            r"^memory allocation of \d{1,20} bytes failed",
            r"^OSError: \[Errno 12\] Cannot allocate memory",
            r"\b(?P<killed>Out of memory): Kill(?:ed)? process \d",
            r"^(?P<killed>Killed)(?: {2,}\S.{0,200})?$",
            r": line \d{1,6}: {1,4}\d{1,10} (?P<killed>Killed)\b",
            r"because it exceeds --(?P<limit>max-memory-restart) value",
        ),
        _memory,
        "Look for a leak or an input that is too large; read in pieces; raise the limit (node: "
        "--max-old-space-size, PM2: max_memory_restart, the container's memory) only when the need is real.",
    ),
)

_PREFIX = re.compile(
    r"\s{1,200}"
    r"|\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?\]?:?(?=\s|$)"
    r"|\d{1,4}\|[^|]{1,80}\|"  # pm2 logs
    r"|[\w.-]{1,60} {1,20}\|"  # docker compose logs
    r"|[|+](?=\s)"  # exception groups
)
_MOST_PREFIXES = 6


def diagnose(facts: Mapping[str, JSON], log_tail: Sequence[str]) -> Hypothesis | None:
    """The likeliest cause; None when nothing is recognised. Never raises.

    The latest line that matches decides, in the first file of the tail that has one (error logs come first).
    What the supervisor knows for sure goes before the log, a bare exit code after it.
    """
    if facts.get("oom_killed") is True:
        return _hypothesis(_named("out_of_memory"), {"killed": ""})
    for block in blocks(log_tail[-MAX_LINES:]):
        if found := _latest(block):
            signature, detail = found
            return _hypothesis(signature, _with_port(detail, facts))
    return _hypothesis(_named("out_of_memory"), {"killed": ""}) if _was_killed(facts) else None


def _latest(lines: Sequence[str]) -> tuple[Signature, Detail] | None:
    for at in range(len(lines) - 1, -1, -1):
        for signature in SIGNATURES:
            detail = _match(lines[at], signature)
            if detail is not None:
                return signature, detail or _details_above(lines[:at], signature)
    return None


def _details_above(lines: Sequence[str], signature: Signature) -> Detail:
    """The last lines of a crash often repeat it without the name or the port."""
    for line in reversed(lines[-SAME_CRASH_LINES:]):
        if detail := _match(line, signature):
            return detail
    return {}


def _match(line: str, signature: Signature) -> Detail | None:
    text = _bare(line[:MAX_LINE])
    for pattern in signature.patterns:
        if match := pattern.search(text):
            groups = match.groupdict()
            if signature.also and (more := signature.also.search(text, match.start())):
                groups |= more.groupdict()
            return {key: brief(value, 120) for key, value in groups.items() if value}
    return None


def _bare(line: str) -> str:
    """The line without time stamp, process name and indentation."""
    start = 0
    for _ in range(_MOST_PREFIXES):
        if not (match := _PREFIX.match(line, start)):
            break
        start = match.end()
    return line[start:].rstrip()


def _with_port(detail: Detail, facts: Mapping[str, JSON]) -> Detail:
    """With the port that the check is about, and who holds that one."""
    port = facts.get("port")
    if not isinstance(port, int):
        return detail
    found = {"port": str(port), **detail}
    holder = _holder(facts.get("holders")) if found["port"] == str(port) else None
    return found | {"holder": holder} if holder else found


def _holder(holders: JSON) -> str | None:
    first = holders[0] if isinstance(holders, list) and holders else None
    if not isinstance(first, Mapping) or first.get("pid") is None:
        return None
    return brief(f"{first.get('name')} (pid {first['pid']}: {first.get('command')})", 120)


def _was_killed(facts: Mapping[str, JSON]) -> bool:
    """Exit code 137 (128 + SIGKILL), or SIGKILL at nine tenths of the memory limit."""
    if facts.get("exit_code") in (137, -9):
        return True
    if facts.get("signal") not in ("SIGKILL", "KILL", 9):
        return False
    used, limit = facts.get("memory_bytes"), facts.get("memory_limit_bytes")
    return isinstance(used, int) and isinstance(limit, int) and used * 10 >= limit * 9 > 0


def _named(name: str) -> Signature:
    return next(signature for signature in SIGNATURES if signature.name == name)


def _hypothesis(signature: Signature, detail: Detail) -> Hypothesis:
    return Hypothesis(signature.name, signature.cause(detail), signature.fix_hint)
