"""`python -m tests.scanner.reference`: writes docs/rules/, one page a group, from the rules themselves."""

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from guardian.scanner.report import Rule
from guardian.scanner.rules import GROUPS

FOLDER = Path(__file__).parents[2] / "docs" / "rules"


def pages() -> dict[str, str]:
    """File name -> text."""
    return {f"{name}.md": "\n".join(_page(name, group)) for name, group in GROUPS.items()}


def _page(name: str, group: ModuleType) -> Iterator[str]:
    yield f"# Scan rules: {name}\n"
    yield "This page is made from the rules themselves (`python -m tests.scanner.reference`).\n"
    yield f"{_cell(group.__doc__ or '')}\n"
    for rule in group.RULES:
        yield from _rule(rule, group)


def _rule(rule: Rule, group: ModuleType) -> Iterator[str]:
    yield f"## {rule.id} {rule.name}\n"
    yield f"{rule.severity}, confidence {rule.confidence}, CWE-{rule.cwe}\n"
    yield f"- What: {rule.what}"
    yield f"- Why: {rule.why}"
    yield f"- Example: `{rule.example}`"
    yield f"- Instead: {rule.instead}\n"
    modules = sorted(module for module, rule_id in group.IMPORTS.items() if rule_id == rule.id)
    if modules:
        yield f"Imports: {_names(modules)}\n"
    by_grade: dict[str, list[str]] = {}
    for path, entry in group.ENTRIES.items():
        if entry.rule == rule.id:
            by_grade.setdefault(f"{entry.grade}{f', {entry.severity}' if entry.severity else ''}", []).append(path)
    if by_grade:
        yield "| graded | names |\n| --- | --- |"
        for grade, names in sorted(by_grade.items()):
            yield f"| {grade} | {_names(sorted(names))} |"
        yield ""


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return " ".join(text.split())


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
