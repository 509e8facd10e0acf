from pathlib import Path

from tests.cli.reference import reference

_PAGE = Path(__file__).parents[2] / "docs" / "cli.md"


def test_the_page_says_what_the_commands_say() -> None:
    assert _PAGE.read_text(encoding="utf-8") == reference(), "python -m tests.cli.reference > docs/cli.md"
