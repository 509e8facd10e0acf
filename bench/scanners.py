"""The scanner beside bandit and ruff's S rules, on the scripts of tests/scanner/cases: found, false alarms, time."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_BIN = Path(sys.executable).parent
_CASES = Path(__file__).parents[1] / "tests" / "scanner" / "cases"
SETS = {"given": ("bad", "good"), "own": ("own_bad", "own_good")}
"""The first were there before the scanner; the second were written with it, so they say less about it."""


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


def scripts(folder: str) -> list[str]:
    return sorted(map(str, (_CASES / folder).glob("*.py")))


def measure(tool: Tool, policy: Path, bad: Sequence[str], good: Sequence[str]) -> Row:
    command = [part.replace("{policy}", str(policy)) for part in tool.command]
    begin = time.perf_counter()
    done = subprocess.run([*command, *bad, *good], capture_output=True, text=True, check=False, timeout=600)
    seconds = time.perf_counter() - begin
    flagged = {str(Path(name).absolute()) for name in tool.flagged(json.loads(done.stdout))}
    return Row(tool.name, len(flagged & set(bad)), len(flagged & set(good)), seconds)


def run() -> str:
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        policy = Path(folder) / "policy.toml"
        policy.write_text(f"[scanner]\nallowlist = {json.dumps(_ALLOWLIST)}\n", encoding="utf-8")
        for name, folders in SETS.items():
            bad, good = map(scripts, folders)
            lines.append(
                f"{len(bad)} scripts that do one of the 21 things, {len(good)} that only look like it ({name})"
            )
            lines += [_text(measure(tool, policy, bad, good), len(bad), len(good)) for tool in TOOLS]
    return "\n".join(lines)


def _text(row: Row, bad: int, good: int) -> str:
    found = f"found {row.found:4} ({row.found / bad:4.0%})"
    return f"  {row.name:15} {found}   false alarms {row.alarms:3} ({row.alarms / good:4.0%})   {row.seconds:6.2f} s"


if __name__ == "__main__":
    print(run())
