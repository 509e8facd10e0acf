"""Only the mode changes; every other byte that a person wrote stays."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardian.model import Mode
from guardian.setup.mode_edit import EditError, with_mode

EXAMPLE = (Path(__file__).parent.parent.parent / "guardian.example.toml").read_text()


@pytest.mark.parametrize(
    ("text", "changed"),
    [
        ('mode = "heal"\n', 'mode = "observe"\n'),
        ("# why\nmode='heal' # for now\nnode = \"n\"\n", '# why\nmode="observe" # for now\nnode = "n"\n'),
        ('"mode"="heal"\r\n[checks.process_health]\r\n', '"mode"="observe"\r\n[checks.process_health]\r\n'),
        ('\ufeffmode = "heal"\n', '\ufeffmode = "observe"\n'),
        ("[checks.process_health]\n", 'mode = "observe"\n[checks.process_health]\n'),
        ("\ufeffnode = 'n'\r\n", "\ufeffmode = \"observe\"\r\nnode = 'n'\r\n"),
        ('# a\n#mode = "heal"\n\n[heal]\n', '# a\nmode = "observe"\n\n[heal]\n'),
        ('#mode = "heal"\r\n[heal]\r\n', 'mode = "observe"\r\n[heal]\r\n'),
        ('[checks.x]\n#mode = "heal"\n', 'mode = "observe"\n[checks.x]\n#mode = "heal"\n'),
        ('[checks.x]\nmode = "heal"\n', 'mode = "observe"\n[checks.x]\nmode = "heal"\n'),
        ("x = '''\n#mode = 1\n'''\n", "mode = \"observe\"\nx = '''\n#mode = 1\n'''\n"),
    ],
)
def test_the_key_is_changed_in_its_place_or_put_where_it_belongs(text: str, changed: str) -> None:
    assert with_mode(text, Mode.OBSERVE) == changed


def test_there_and_back_the_example_is_as_it_was_but_for_one_line() -> None:
    back = with_mode(with_mode(EXAMPLE, Mode.OBSERVE), Mode.HEAL)
    different = [pair for pair in zip(EXAMPLE.splitlines(), back.splitlines(), strict=True) if len(set(pair)) > 1]
    assert different == [('#mode = "heal"', 'mode = "heal"')]


@pytest.mark.parametrize("text", ["mode.x = 1\n", "[mode]\nx = 1\n"])
def test_what_is_no_mode_is_not_touched(text: str) -> None:
    with pytest.raises(EditError, match="no text"):
        with_mode(text, Mode.HEAL)


_LINES = st.sampled_from(
    ['node = "n"', "# mode = 1", "#mode = 2", "", "[heal]", "budget = 3", "[checks.a]", 'mode = "heal"', "x = [\n1,\n]",
     "s = \"\"\"\n[no]\n#mode = 3\n\"\"\"", "'a b' = {mode = 1}", "[[list]]", "\tk.mode = 1"],
)  # fmt: skip


@given(st.lists(_LINES, max_size=12), st.sampled_from(list(Mode)))
def test_nothing_but_the_mode_means_anything_else_afterwards(lines: list[str], mode: Mode) -> None:
    text = "\n".join(lines) + "\n"
    try:
        before = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    changed = with_mode(text, mode)
    assert tomllib.loads(changed) == {**before, "mode": str(mode)}
    assert len(changed.splitlines()) - len(text.splitlines()) in (0, 1)
