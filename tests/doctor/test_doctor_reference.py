from pathlib import Path

from tests.doctor.reference import reference


def test_the_page_is_the_one_that_the_rules_give() -> None:
    """Else: python -m tests.doctor.reference > docs/doctor.md"""
    page = Path(__file__).parent.parent.parent / "docs" / "doctor.md"
    assert page.read_text(encoding="utf-8") == reference()
