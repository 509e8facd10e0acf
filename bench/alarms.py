"""`python -m bench.alarms [--seed N] [--count N]`: a random sample of what the scanner flags in the standard library
and the installed packages, to be judged by hand. The seed is printed: the same seed gives the same sample."""

import argparse
import random
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from guardian.scanner import scan_file
from guardian.scanner.policy import Policy
from guardian.scanner.report import Finding, Severity

_POLICY = Policy(max_bytes=5_000_000, max_seconds=60, max_nodes=2_000_000)


def scripts() -> Iterator[Path]:
    seen = set()
    for name in ("stdlib", "purelib", "platlib"):
        for path in sorted(Path(sysconfig.get_path(name)).rglob("*.py")):
            if path not in seen:
                seen.add(path)
                yield path


def flagged(step: int) -> tuple[int, list[tuple[Path, Finding]]]:
    paths = list(scripts())[::step]
    found = [
        (path, each)
        for path in paths
        for each in scan_file(path, policy=_POLICY).findings
        if each.severity is not Severity.ADVICE
    ]
    return len(paths), found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.alarms", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--step", type=int, default=1, help="look at each n-th file")
    given = parser.parse_args()
    files, found = flagged(given.step)
    rules = Counter(each.rule for _, each in found)
    print(f"seed {given.seed}: {len(found)} places flagged in {files} files")
    print(", ".join(f"{rule} {count}" for rule, count in sorted(rules.items())))
    chosen = random.Random(given.seed).sample(found, min(given.count, len(found)))
    for path, each in chosen:
        print(
            f"{each.rule} {each.severity} {path.name}:{each.line} | {each.message[:80]} | {each.snippet.strip()[:100]}"
        )


if __name__ == "__main__":
    main()
