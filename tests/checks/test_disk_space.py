"""Judging room: limits, forecast; and the clean-up through the engine, on a real file system. Layouts: tests/host."""

import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from guardian.checks import disk_space
from guardian.checks.disk_space import CHECK, Mount, Params, Sample, judge, order
from guardian.host.clean_up import clean
from guardian.host.mounts import HostDisks
from guardian.model import Memory, Reason, Severity, Status, Verdict
from guardian.ports import Cleaned, CleanUp, MountSeen, Removable
from guardian.services import remedies
from tests.engine.conftest import drive, redis_process, redis_server
from tests.engine.drive import Drive

__all__ = ["drive", "redis_process", "redis_server"]

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GB, MB = 10**9, 10**6


def mount(free: int, total: int = 100 * GB, place: str = "/", **more: Any) -> MountSeen:
    return MountSeen(place, "ext4", total, free, **{"inodes": 1000, "free_inodes": 500, **more})


def judged(seen: MountSeen, removable: Cleaned | None = None, **params: Any) -> Verdict:
    sample = Sample([seen], {seen.place: removable} if removable else {})
    (verdict,) = judge(sample, Params(**params), {}, NOW).verdicts
    return verdict


def status(seen: MountSeen, **params: Any) -> Status:
    return judged(seen, **params).status


def test_bytes_fail_below_the_limit_and_not_at_it() -> None:
    assert status(mount(500 * MB)) is Status.OK
    assert status(mount(500 * MB - 1)) is Status.FAIL
    assert judged(mount(412 * MB)).message.startswith("412 MB free (limit 500 MB); no folders")


def test_a_small_file_system_has_a_tenth_of_its_size_as_its_limit_unless_it_is_named() -> None:
    assert status(mount(100 * MB, GB)) is Status.OK
    assert status(mount(100 * MB - 1, GB)) is Status.FAIL
    assert status(mount(100 * MB, GB), mounts={"/": Mount(min_free=500 * MB)}) is Status.FAIL


def test_the_share_counts_where_it_is_more_and_each_mount_may_have_its_own() -> None:
    assert status(mount(4 * GB), min_free_share=0.05) is Status.FAIL
    assert status(mount(5 * GB), min_free_share=0.05) is Status.OK
    own = {"/data": Mount(min_free_share=0.2)}
    assert status(mount(10 * GB, place="/data"), mounts=own) is Status.FAIL
    assert status(mount(10 * GB), mounts=own) is Status.OK


def test_inodes_run_out_too_but_not_where_there_is_no_fixed_number() -> None:
    assert status(mount(50 * GB, free_inodes=20)) is Status.OK
    assert judged(mount(50 * GB, free_inodes=19)).message.startswith("19 inodes free (limit 20)")
    assert status(mount(50 * GB, inodes=0, free_inodes=0)) is Status.OK


def test_one_that_cannot_be_read_is_unknown_under_its_own_name() -> None:
    verdict = judged(MountSeen("/mnt/nas", error="it does not answer"))
    assert (verdict.target, verdict.status) == ("/mnt/nas", Status.UNKNOWN)


def test_what_could_go_is_said_and_rules_a_heal_out_where_it_is_nothing() -> None:
    logs = Cleaned([Removable("/l/a.log.1", 5 * MB), Removable("/l/a.log.2", 5 * MB)], 10 * MB, enough=True)
    can = judged(mount(1), logs)
    assert (can.message, can.ruled_out) == ("0 MB free (limit 500 MB); 2 rotated logs can go, 10 MB", None)
    assert can.facts["would_remove"] == ["/l/a.log.1", "/l/a.log.2"]
    assert judged(mount(1), replace(logs, enough=False)).message.endswith("which is not enough")
    assert judged(mount(1), Cleaned(left=["x: it is open"])).ruled_out is not None
    assert judged(mount(1)).ruled_out is not None


@dataclass
class Looks:
    """One look after the other: keeps the memory as the store does, as JSON."""

    params: Params = field(default_factory=Params)
    now: datetime = NOW
    memory: Memory = field(default_factory=dict)

    def look(self, free: int, every: timedelta = timedelta(minutes=4)) -> Verdict:
        self.now += every
        judgement = judge(Sample([mount(free)], {}), self.params, self.memory, self.now)
        self.memory = json.loads(json.dumps(judgement.memory, allow_nan=False))
        return judgement.verdicts[0]


def test_a_steady_fall_is_forecast_and_warned_of_when_it_is_near() -> None:
    looks = Looks()
    verdicts = [looks.look(20 * GB - number * 100 * MB) for number in range(60)]
    assert all("full in" not in verdict.message for verdict in verdicts[:8])  # too few
    at = next(number for number, verdict in enumerate(verdicts) if verdict.status is Status.FAIL)
    free = 20 * GB - at * 100 * MB
    assert timedelta(minutes=4) * (free / (100 * MB)) < looks.params.full_within
    warned = verdicts[at]
    assert (warned.severity, warned.ruled_out is not None) == (Severity.WARNING, True)
    assert "if it goes on like that" in warned.message


def test_noise_and_a_rise_are_no_forecast_and_zero_switches_the_warning_off() -> None:
    looks = Looks()
    for number in range(60):
        assert "full in" not in looks.look(2 * GB + (number * 7919 % 13 - 6) * 10 * MB).message
    off = Looks(Params(full_within="0s"))
    for number in range(40):
        assert off.look(3 * GB - number * 50 * MB).status is Status.OK


def test_the_memory_is_bounded_and_the_looks_are_spread_over_the_window() -> None:
    looks = Looks()
    for number in range(3000):
        looks.look(50 * GB - number, timedelta(seconds=10))
    kept = looks.memory["mounts"]["/"]
    assert len(kept) <= 96
    assert kept[-1][0] - kept[0][0] > 0.9 * looks.params.window.total_seconds()
    many = Sample([mount(GB, place=f"/m{number}") for number in range(500)], {})
    assert len(judge(many, Params(), {}, NOW).memory["mounts"]) == 100


def test_a_blind_look_forgets_nothing() -> None:
    looks = Looks()
    looks.look(GB)
    blind = judge(Sample([MountSeen("/", error="x")], {}), Params(), looks.memory, NOW)
    assert blind.memory == looks.memory


def test_a_mount_point_and_a_pattern_have_their_form() -> None:
    for wrong in ({"mounts": {"data": {}}}, {"clean_patterns": ["../*"]}, {"clean_patterns": [""]}):
        with pytest.raises(ValidationError):
            Params(**wrong)
    assert order(Params(), "/") is None


@dataclass
class Full(HostDisks):
    """A made-up file system over a real folder: it has room when the folder has less than `most` bytes in it."""

    folder: Path = Path()
    most: int = 0

    def look(self, named: Collection[str]) -> Sequence[MountSeen]:
        used = sum(each.stat().st_size for each in self.folder.iterdir())
        return [mount(GB if used <= self.most else 100 * MB, place=str(self.folder.parent))]

    def clean(self, order: CleanUp, *, dry_run: bool) -> Cleaned:
        """Two days later, until the real disk has so much more as is in two of the files."""
        room = os.statvfs(self.folder)
        wanted = replace(order.room, free_bytes=room.f_bavail * room.f_frsize + 10**15, most_share=1.0)
        found = clean(replace(order, room=wanted), dry_run=dry_run, now=datetime.now(UTC).timestamp() + 2 * 86_400)
        return replace(found, enough=True)


def test_a_full_disk_is_cleaned_and_what_was_freed_is_said_and_the_incident_resolves(
    drive: Drive, tmp_path: Path
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("app.log", "app.log.1", "app.log.2.gz"):
        (logs / name).write_bytes(b"x" * 1_000_000)
    drive.configure(f"[checks.disk_space]\nclean_folders = ['{logs}']\n", {"disk_space": CHECK}, remedies())
    ports = replace(drive.engine.ports, disks=Full(folder=logs, most=1_500_000))
    drive.engine = replace(drive.engine, ports=ports)
    drive.patrol("disk_space")
    incident = drive.only()
    assert "2 rotated logs can go, 2 MB" in incident.message
    healed = next(step.text for step in drive.store.story(incident.id) if step.kind == "healed")
    assert healed.startswith("removed 2 files, 2.0 MB: app.log.")
    assert [each.name for each in logs.iterdir()] == ["app.log"]
    drive.advance(70)
    assert drive.only().resolution is not None


def test_without_folders_a_full_disk_goes_to_a_person_at_once(drive: Drive, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "app.log.1").write_bytes(b"x" * 1000)
    drive.configure("", {"disk_space": CHECK}, remedies())
    drive.engine = replace(drive.engine, ports=replace(drive.engine.ports, disks=Full(folder=logs)))
    drive.patrol("disk_space")
    assert drive.only().reason is Reason.REMEDY_RULED_OUT
    assert (logs / "app.log.1").exists()


def test_this_machines_file_systems_are_seen_once_each() -> None:
    seen = HostDisks().look([])
    assert len({each.place for each in seen}) == len(seen)
    devices = [os.stat(each.place).st_dev for each in seen if each.error is None]  # noqa: PTH116
    assert len(set(devices)) == len(devices)
    assert all(each.error or each.total_bytes > 0 for each in seen)
    (absent,) = [each for each in HostDisks().look(["/nowhere"]) if each.place == "/nowhere"]
    assert absent.error == "nothing is mounted there"
    assert disk_space.CHECK.remedy == "clean_up_logs"
