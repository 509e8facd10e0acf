"""Room on each file system: bytes, inodes, and the time until it is full.

Probe: each file system once; where one is short of room, a dry run of the clean-up.
Judge: by what is free; by the robust slope over the kept looks, where it surely falls.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import Field, WithJsonSchema

from guardian.checks.base import Check, Judgement, TargetEvidence
from guardian.checks.shared.trend import theil_sen
from guardian.model import JSON, Memory, Severity, Status, Verdict
from guardian.ports import Cleaned, CleanUp, MountSeen, Ports, Room
from guardian.settings import (
    ByteSize,
    Duration,
    Model,
    PositiveDuration,
    Share,
    UserPath,
    at_least,
    rough_text,
    text_of,
)

_KEPT, _MOST_MOUNTS = 96, 100
"""Looks that are kept of each file system, and of how many."""
_SMALL_PART = 0.1
_MARGIN = 1.25
"""So much more than the limit is freed, so that it is not met again at once."""
_SHOWN = 10
_ROTATED = (
    "*.log.[0-9]*", "*.log-[0-9]*", "*.log.gz", "*.log.*.gz", "*.log.bz2", "*.log.xz", "*.log.zst", "*__[0-9]*.log",
    "*.out.[0-9]*", "*.err.[0-9]*",
)  # fmt: skip
_NO_FOLDERS = "no folders are given to clean up (`clean_folders`)"
_FORECAST = "it is a forecast: there is room still"

_PLACE = r"/[^\0]*"
_Place = Annotated[
    str, text_of(_PLACE, "a mount point that begins with `/`"), WithJsonSchema({"type": "string", "pattern": "^/"})
]
_Pattern = Annotated[str, text_of(r"[^/\0]{1,255}", "a pattern of file names, without `/`")]


class Mount(Model):
    """Limits of one file system of its own."""

    min_free: ByteSize | None = Field(None, examples=["2GB"], json_schema_extra={"default_is": "that of the check"})
    """It fails under so many free bytes."""
    min_free_share: Share | None = Field(None, examples=[0.05], json_schema_extra={"default_is": "that of the check"})
    """It fails under this free share of its size, too."""
    min_inodes_share: Share | None = Field(None, examples=[0.05], json_schema_extra={"default_is": "that of the check"})
    """It fails under this free share of its inodes."""


class Params(Model):
    min_free: ByteSize = 500_000_000
    """A file system with fewer free bytes fails; one smaller than 5GB under a tenth of its size, if it is not named."""
    min_free_share: Share = 0.0
    """It fails under this free share of its size, too."""
    min_inodes_share: Share = 0.02
    """It fails under this free share of its inodes."""
    mounts: Mapping[_Place, Mount] = Field(default_factory=dict, examples=[{"/data": {"min_free": "20GB"}}])
    """Limits of their own, by mount point. What is named is looked at also in memory and over a network, and is unknown
    where nothing is mounted there."""
    ignore: tuple[Annotated[str, Field(min_length=1)], ...] = Field((), strict=False, examples=[["/mnt/*"]])
    """Shell-style patterns of mount points that are never judged."""
    window: Annotated[Duration, at_least(timedelta(minutes=10))] = timedelta(hours=6)
    """The time over which the trend is taken."""
    full_within: Duration = timedelta(hours=12)
    """A file system that will be full sooner, by its trend, is a warning. 0 for none."""
    clean_folders: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/bots/logs"]])
    """Folders from which rotated logs may be removed, oldest first, with all below them; nothing else ever is."""
    clean_patterns: Annotated[tuple[_Pattern, ...], Field(strict=False)] = _ROTATED
    """Shell-style patterns of the names of rotated logs."""
    clean_min_age: PositiveDuration = timedelta(days=1)
    """What changed within this time stays."""


@dataclass(frozen=True)
class Sample:
    """`removable`, by place: what a clean-up would remove."""

    mounts: Sequence[MountSeen]
    removable: Mapping[str, Cleaned]


def probe(ports: Ports, params: Params, only: str | None = None) -> Sample:
    mounts = [
        mount
        for mount in ports.disks.look(list(params.mounts))
        if only in (None, mount.place) and not any(fnmatchcase(mount.place, each) for each in params.ignore)
    ]
    short = [mount.place for mount in mounts if mount.error is None and _short(mount, params)]
    orders = {place: made for place in short if (made := order(params, place)) is not None}
    return Sample(mounts, {place: ports.disks.clean(made, dry_run=True) for place, made in orders.items()})


def _room(params: Params, place: str) -> Room:
    own = params.mounts.get(place, Mount())
    named = own.min_free is not None
    return Room(
        free_bytes=params.min_free if own.min_free is None else own.min_free,
        most_share=1.0 if named else _SMALL_PART,
        free_share=params.min_free_share if own.min_free_share is None else own.min_free_share,
        inodes_share=params.min_inodes_share if own.min_inodes_share is None else own.min_inodes_share,
    )


def _short(mount: MountSeen, params: Params) -> str | None:
    room = _room(params, mount.place)
    if mount.free_bytes < (limit := room.least_bytes(mount.total_bytes)):
        return f"{_size(mount.free_bytes)} free (limit {_size(limit)})"
    if mount.free_inodes < (least := room.least_inodes(mount.inodes)):
        return f"{mount.free_inodes} inodes free (limit {least})"
    return None


def judge(sample: Sample, params: Params, memory: Memory, now: datetime) -> Judgement:
    past, at = memory.get("mounts", {}), round(now.timestamp())
    seen = [mount for mount in sample.mounts if mount.error is None]
    kept = {mount.place: _remember(past.get(mount.place, []), mount, params, at) for mount in seen[:_MOST_MOUNTS]}
    verdicts = [_verdict(mount, params, kept.get(mount.place, []), sample, at) for mount in sample.mounts]
    blind = {mount.place for mount in sample.mounts if mount.error is not None}
    old = {place: looks for place, looks in past.items() if place in blind and place not in kept}
    return Judgement(verdicts, {"mounts": old | kept}, None if verdicts else "no file system to look at")


def _remember(looks: Sequence[Any], mount: MountSeen, params: Params, at: int) -> list[list[int]]:
    """(seconds since 1970, free bytes), spread evenly over the window."""
    window = params.window.total_seconds()
    kept = [list(look) for look in looks if at - window <= look[0] <= at]
    if not kept or at - kept[-1][0] >= window / _KEPT:
        kept.append([at, mount.free_bytes])
    return kept[-_KEPT:]


def _verdict(mount: MountSeen, params: Params, looks: Sequence[Sequence[int]], sample: Sample, at: int) -> Verdict:
    if mount.error is not None:
        return Verdict(mount.place, Status.UNKNOWN, f"could not look: {mount.error}")
    left = _until_full(mount, [*looks, [at, mount.free_bytes]])
    removable = sample.removable.get(mount.place)
    facts = _facts(mount, left, removable)
    if short := _short(mount, params):
        can_go, ruled_out = _can_go(removable)
        return Verdict(mount.place, Status.FAIL, f"{short}; {can_go}", ruled_out=ruled_out, facts=facts)
    if left is not None and left < params.full_within:
        text = f"{_size(mount.free_bytes)} free, full in about {rough_text(left)} if it goes on like that"
        return Verdict(mount.place, Status.FAIL, text, Severity.WARNING, _FORECAST, facts=facts)
    share = mount.free_bytes / mount.total_bytes if mount.total_bytes else 0
    text = f"{_size(mount.free_bytes)} of {_size(mount.total_bytes)} free ({share:.0%})"
    return Verdict(mount.place, Status.OK, text + (f", full in about {rough_text(left)}" if left else ""), facts=facts)


def _can_go(removable: Cleaned | None) -> tuple[str, str | None]:
    """What a clean-up could do, and why it could not."""
    if removable is None:
        return _NO_FOLDERS, _NO_FOLDERS
    if not removable.removed:
        return "no rotated log may go", "no rotated log in `clean_folders` may go"
    count = len(removable.removed)
    logs = "1 rotated log" if count == 1 else f"{count} rotated logs"
    enough = "" if removable.enough else ", which is not enough"
    return f"{logs} can go, {_size(removable.freed_bytes)}{enough}", None


def _until_full(mount: MountSeen, looks: Sequence[Sequence[int]]) -> timedelta | None:
    """By the trend; None where too little is known, or it does not surely fall."""
    trend = theil_sen([(float(look[0]), float(look[1])) for look in looks])
    if trend is None or trend.high >= 0:
        return None
    seconds = mount.free_bytes / -trend.slope
    return timedelta(seconds=seconds) if seconds < timedelta(days=3650).total_seconds() else None


def _facts(mount: MountSeen, left: timedelta | None, removable: Cleaned | None) -> dict[str, JSON]:
    facts: dict[str, JSON] = {
        "kind": mount.kind, "total_bytes": mount.total_bytes, "free_bytes": mount.free_bytes, "inodes": mount.inodes,
        "free_inodes": mount.free_inodes, "full_in_seconds": round(left.total_seconds()) if left else None,
    }  # fmt: skip
    if removable is not None:
        facts |= {
            "would_remove": [each.path for each in removable.removed[:_SHOWN]],
            "would_remove_files": len(removable.removed),
            "would_free_bytes": removable.freed_bytes,
            "would_leave": list(removable.left[:_SHOWN]),
        }
    return facts


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e10 else f"{count / 1e6:.0f} MB"  # noqa: PLR2004  ten of them


def evidence(_sample: Sample, _target: str) -> TargetEvidence:
    return TargetEvidence()


def order(params: Params, target: str) -> CleanUp | None:
    """What may be removed there, and how much room is wanted."""
    folders = [str(folder) for folder in params.clean_folders]
    room = replace(_room(params, target), times=_MARGIN)
    return CleanUp(target, folders, params.clean_patterns, params.clean_min_age, room) if folders else None


CHECK = Check(
    "Disk space",
    every=timedelta(minutes=1),
    params=Params,
    probe=probe,
    judge=judge,
    evidence=evidence,
    remedy="clean_up_logs",
    order=order,
)
