"""What `guardian arm` and `guardian disarm` have in common."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from guardian.model import Mode
    from guardian.setup.arming import Switched

_PARTLY, _UNTOLD = 1, 3


def switch(mode: "Mode", config: Path | None, state: Path | None, author: str, comment: str, *, as_json: bool) -> int:
    """Switch, say what was done, and give the exit code."""
    from guardian.cli.shared import options
    from guardian.cli.shared.output import say, show_json
    from guardian.diagnose.plain import brief
    from guardian.setup import arming

    by, why = brief(author, options.NAME_LENGTH), brief(comment, options.COMMENT_LENGTH)
    done = arming.switch(mode, config, state, by, why)
    if as_json:
        show_json(_document(done))
    else:
        for line in _lines(done):
            say(line)
    if done.trouble:
        return _PARTLY
    return _UNTOLD if done.untold else 0


def _document(done: "Switched") -> dict[str, object]:
    return {
        "mode": done.mode,
        "file": done.file,
        "file_before": done.configured,
        "file_changed": done.changed,
        "file_trouble": done.trouble,
        "running_guardian_told": done.told,
        "running_guardian_not_told_because": done.untold,
        "checks_that_observe_by_their_own_mode": list(done.own),
    }


def _lines(done: "Switched") -> list[str]:
    lines = [_file_line(done)] if done.file else []
    lines += [_running_line(done)] if not (done.trouble and not done.running) else []
    if done.own and done.mode == "heal":
        lines.append(f"by their own `mode` these go on observing: {', '.join(done.own)}")
    return lines


def _file_line(done: "Switched") -> str:
    if done.trouble:
        return f"{done.file}: not changed: {done.trouble}"
    if done.changed:
        return f'{done.file}: mode = "{done.configured}" -> mode = "{done.mode}"'
    return f'{done.file}: has mode = "{done.mode}" already'


def _running_line(done: "Switched") -> str:
    what = "heals" if done.mode == "heal" else "only observes"
    if done.untold:
        return f"the running Guardian was not told: {done.untold}; run this again when its store is back"
    if not done.running:
        return f"no Guardian runs here: the next one {what} from its start"
    return f"the running Guardian {what}{'' if done.told else ' already'}{', from now on' if done.told else ''}"
