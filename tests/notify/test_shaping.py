"""Texts made fit: as long as allowed, nobody pinged, and what matters kept."""

from hypothesis import given
from hypothesis import strategies as st

from guardian.notify.shaping import code_block, cut, escaped, fitted, harmless, length
from guardian.notify.texts import notification
from tests.notify.incidents import AT, STORY, incident

TEXT = notification(incident(), STORY, "alert", AT).text


def test_what_fits_is_left_as_it_is() -> None:
    assert fitted(TEXT, length(TEXT)) == TEXT


def test_the_oldest_log_lines_go_first() -> None:
    short = fitted(TEXT, length(TEXT) - 1)
    assert len(short.splitlines()) == len(TEXT.splitlines()) - 1
    assert TEXT.splitlines()[-4:] == short.splitlines()[-4:]


def test_without_room_for_any_log_line_its_heading_goes_too_and_the_rest_stays() -> None:
    head, _, rest = TEXT.partition("\n\nIts log, last lines:")
    foot = "\n".join(rest.splitlines()[-2:])
    assert fitted(TEXT, len(head) + len(foot) + 2) == f"{head}\n\n{foot}"
    shorter = fitted(TEXT, len(head) + len(foot) - 40)
    assert shorter.endswith(f"…\n{foot}")
    assert shorter.startswith(head[:100])


def test_a_text_of_another_make_is_cut_at_its_end() -> None:
    assert fitted("a digest\nof the day", 9) == "a digest…"


@given(st.text(), st.integers(0, 60))
def test_nothing_is_longer_than_its_room(text: str, room: int) -> None:
    assert length(fitted(text, room)) <= room
    assert length(cut(text, room)) <= room
    if room >= 8:
        assert length(code_block(text, room)) <= room


@given(st.text(alphabet="@everyonhrcal<>#!&` \n"))
def test_nobody_is_pinged(text: str) -> None:
    safe = harmless(text)
    assert not any(ping in safe.lower() for ping in ("@everyone", "@here", "@channel", "<@", "<!", "<#"))
    assert harmless(safe) == safe
    assert code_block(text, 1000).count("```") == 2


def test_markdown_is_shown_as_it_is_written() -> None:
    assert escaped("my_agent *v2* `x`") == r"my\_agent \*v2\* \`x\`"
