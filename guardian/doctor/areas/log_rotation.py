"""Logs that could not be rotated when they grow too large, or only by losing lines: said before they do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from guardian.checks.log_rotation import Params, named, order_of
from guardian.doctor.base import Area, Hit, Installation, Rule
from guardian.logs.rotation.rotation import Rotation
from guardian.model import Severity
from guardian.ports import LogFile, Way


@dataclass(frozen=True)
class Facts:
    logs: Sequence[LogFile]


def gather(installation: Installation) -> Facts | None:
    check = installation.config.checks.get("log_rotation")
    if check is None or not check.enabled or not isinstance(check.params, Params):
        return None
    rotation = Rotation()
    found: dict[str, LogFile] = {}
    for rules in named(check.params):
        for log in rotation.look([str(path) for path in rules.files], order_of(rules)):
            found.setdefault(log.path, log)
    return Facts(list(found.values()))


def _no_way(facts: Facts) -> Iterable[Hit]:
    for log in facts.logs:
        if log.error is not None:
            yield Hit(f"{log.path}: {log.error}", "give Guardian's user the right to read and write it and its folder")
        elif log.way is None:
            yield Hit(f"{log.path}: {log.why}", "`reopen_signal` or `reopen_command` in [checks.log_rotation]")


def _loses(facts: Facts) -> Iterable[Hit]:
    for log in facts.logs:
        if log.way is Way.COPY_TRUNCATE:
            yield Hit(f"{log.path}: {log.why}", "have its writer reopen it, or move it to ext4 or xfs")


AREA = Area(
    "log rotation",
    gather,
    (
        Rule("log_no_way", Severity.WARNING, "a log allows no rotation that keeps every line",
             "Guardian will leave it to grow, and tell a person", _no_way),
        Rule("log_loses", Severity.INFO, "a log is rotated by copying and emptying it",
             "lines that are written between the two are lost", _loses),
    ),
)  # fmt: skip
