"""The deep scan: every script of the configured folders, now and then. Reports only; moves nothing, and is in no hurry.

In slices of a few seconds, each beginning where the last one ended; how far it is stands in the store, compared and
set, so that a slice which comes twice, or dies, counts once. Findings go to the security report and into one file,
replaced whole when all is scanned.
"""

import json
import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any

from guardian.engine.scanning import Desk, line
from guardian.scanner.files import scripts
from guardian.scanner.report import ScanReport, ScanVerdict

SLICE = timedelta(seconds=2)
_MOST_KEPT = 1000
"""Findings in the report file; the security report has all."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Progress:
    """`after`: the script that was scanned last. `bad`: path, verdict, rules, of the round that goes on."""

    began: str
    after: str = ""
    scanned: int = 0
    bad: Sequence[Mapping[str, Any]] = ()
    ended: str | None = None

    def document(self) -> dict[str, Any]:
        return {**vars(self), "bad": list(self.bad)}


def step(
    desk: Desk, folders: Sequence[Path], every: timedelta, report: Path, now: datetime, limit: timedelta = SLICE
) -> str:
    """Do one slice if one is due. Gives what was done, for Flower."""
    if not folders:
        return "no folders"
    version, held = desk.scans.deep(desk.node)
    progress = Progress(**held) if held else Progress(began=now.isoformat())
    if progress.ended is not None:
        if now - datetime.fromisoformat(progress.began) < every:
            return f"not due: the last began {progress.began}"
        progress = Progress(began=now.isoformat())
    done, lines = _slice(desk, folders, progress, now, limit)
    if not desk.scans.keep_deep(desk.node, version, done.document()):
        return "somebody else did it"
    for each in lines:
        _write_down(desk, each)
    if done.ended:
        _finish(report, done)
    return f"{done.scanned} scanned" + (", all of it" if done.ended else f", up to {done.after}")


def _slice(
    desk: Desk, folders: Sequence[Path], progress: Progress, now: datetime, limit: timedelta
) -> tuple[Progress, Sequence[Mapping[str, Any]]]:
    end, after, scanned = time.monotonic() + limit.total_seconds(), progress.after, progress.scanned
    bad = list(progress.bad)
    lines: list[Mapping[str, Any]] = []
    for path in _rest(folders, after):
        if scanned > progress.scanned and time.monotonic() >= end:  # each slice comes one script further at least
            return Progress(progress.began, after, scanned, bad), lines
        report = desk.child.scan(None, str(path), desk.policy.for_agent(None))
        after, scanned = str(path), scanned + 1
        if report.verdict is not ScanVerdict.ALLOW:
            bad = [*bad, _brief(report)][:_MOST_KEPT]
            lines.append(_line(desk, report, now))
    return Progress(progress.began, after, scanned, bad, ended=now.isoformat()), lines


def _rest(folders: Sequence[Path], after: str) -> Iterator[Path]:
    """What comes behind `after`; from the beginning of its folder where it is gone."""
    roots = sorted({folder.absolute() for folder in folders})
    tops = [root for root in roots if not any(other != root and root.is_relative_to(other) for other in roots)]
    every = chain.from_iterable(scripts(top) for top in tops)
    return (path for path in every if not after or _order(path) > _order(Path(after)))


def _order(path: Path) -> tuple[tuple[int, str], ...]:
    """As `scripts` walks: the files of a folder before its folders, each by name."""
    *folders, name = path.parts
    return (*((1, part) for part in folders), (0, name))


def _brief(report: ScanReport) -> Mapping[str, Any]:
    rules = sorted({each.rule for each in report.findings})
    return {"path": report.path, "verdict": str(report.verdict), "sha256": report.sha256, "rules": rules}


def _line(desk: Desk, report: ScanReport, now: datetime) -> Mapping[str, Any]:
    answer = {**report.as_json(), "node": desk.node, "deep": True}
    return {**line(answer, now, None), "deep": True}


def _write_down(desk: Desk, found: Mapping[str, Any]) -> None:
    try:
        desk.report.append(found)
    except OSError as error:
        logger.warning("the security report cannot be written: %s", error)


def _finish(path: Path, done: Progress) -> None:
    temporary = path.with_name(f"{path.name}.tmp")
    try:
        temporary.write_text(json.dumps(done.document(), indent=2), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        logger.warning("%s cannot be written: %s", path, error)
    logger.log(
        logging.WARNING if done.bad else logging.INFO, "deep scan: %d scripts, %d to look at: %s",
        done.scanned, len(done.bad), path,
    )  # fmt: skip
