"""`python -m tests.scanner.disabled_rules`: each rule switched off in turn, and how many bad cases are then missed."""

from pathlib import Path

from guardian.scanner import rules, scan_file
from guardian.scanner.report import Severity
from tests.scanner.shared_cases import POLICY, expected, scripts


def found() -> dict[Path, set[str]]:
    return {
        path: {each.rule for each in scan_file(path, policy=POLICY).findings if each.severity is not Severity.ADVICE}
        for path in scripts("bad", "own_bad")
    }


def missed(without: str, caught: dict[Path, set[str]]) -> list[Path]:
    """Those that are caught by nothing that would be right, once that rule says nothing."""
    return [path for path, rule_ids in caught.items() if not (rule_ids - {without}) & expected(path)]


def main() -> None:
    caught = found()
    print("| rule | name | bad cases missed without it |\n| --- | --- | --- |")
    for rule in rules():
        print(f"| {rule.id} | {rule.name} | {len(missed(rule.id, caught))} |")


if __name__ == "__main__":
    main()
