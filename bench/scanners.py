"""The scanner beside bandit and ruff's S rules, on the scripts of tests/scanner/cases: found, false alarms, time."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_BIN = Path(sys.executable).parent
_CASES = Path(__file__).parents[1] / "tests" / "scanner" / "cases"
BAD, GOOD = ("bad", "own_bad"), ("good", "own_good")


@dataclass(frozen=True)
class Tool:
    """`flagged`: the files for which it has something to say, out of its JSON."""

    name: str
    command: Sequence[str]
    flagged: Callable[[object], set[str]]


@dataclass(frozen=True)
class Row:
    name: str
    found: int
    alarms: int
    seconds: float


def _ours(document: object) -> set[str]:
    return {each["path"] for each in document["files"] if each["verdict"] != "allow"}  # type: ignore[index]


def _bandit(document: object) -> set[str]:
    return {each["filename"] for each in document["results"]}  # type: ignore[index]


def _ruff(document: object) -> set[str]:
    return {each["filename"] for each in document}  # type: ignore[attr-defined]


TOOLS = (
    Tool("guardian scan", [str(_BIN / "guardian"), "scan", "--format", "json", "--policy", "{policy}"], _ours),
    Tool("bandit", [str(_BIN / "bandit"), "-q", "-f", "json"], _bandit),
    Tool("ruff, rules S", [str(_BIN / "ruff"), "check", "--isolated", "--no-cache", "--preview", "--select", "S",
                           "--output-format", "json"], _ruff),
)  # fmt: skip
_ALLOWLIST = ("github.com", "api.github.com", "openrouter.ai", "discord.com", "api.openai.com")


def scripts(folders: Sequence[str]) -> list[str]:
    return sorted(str(path) for folder in folders for path in (_CASES / folder).glob("*.py"))


def measure(tool: Tool, policy: Path) -> Row:
    bad, good = scripts(BAD), scripts(GOOD)
    command = [part.replace("{policy}", str(policy)) for part in tool.command]
    begin = time.perf_counter()
    done = subprocess.run([*command, *bad, *good], capture_output=True, text=True, check=False, timeout=600)
    seconds = time.perf_counter() - begin
    flagged = {str(Path(name).absolute()) for name in tool.flagged(json.loads(done.stdout))}
    return Row(tool.name, len(flagged & set(bad)), len(flagged & set(good)), seconds)


def rows(policy: Path) -> Sequence[Row]:
    policy.write_text(f"[scanner]\nallowlist = {json.dumps(_ALLOWLIST)}\n", encoding="utf-8")
    return [measure(tool, policy) for tool in TOOLS]


def run() -> str:
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        found = rows(Path(folder) / "policy.toml")
    bad, good = len(scripts(BAD)), len(scripts(GOOD))
    lines = [f"{bad} scripts that do one of the 21 things, {good} that only look like it   (any finding counts)"]
    for row in found:
        alarms = f"false alarms {row.alarms:3} ({row.alarms / good:4.0%})"
        lines.append(f"  {row.name:15} found {row.found:4} ({row.found / bad:4.0%})   {alarms}   {row.seconds:6.2f} s")
    return "\n".join(lines)


if __name__ == "__main__":
    print(run())
