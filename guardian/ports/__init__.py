"""What the core asks of the world, as Protocols. Adapters implement them; tests hand in others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from guardian.ports.acts import Acknowledged, NeverActed, NobodyTook, OwnActs
from guardian.ports.channels import Channel, Clock, Notification
from guardian.ports.commands import Command, CommandRunner, NoCommands, Ran
from guardian.ports.disks import Cleaned, CleanUp, Disks, MountSeen, NoDisks, Removable, Room
from guardian.ports.flags import EVERYTHING, Containment, Flag, Flags, Lifted, NoFlags
from guardian.ports.logs import Entries, EntryReader, LastWritten, LogEntry, LogReader, NoEntries
from guardian.ports.network import Answer, Door, Holder, Knocked, Network, NoNetwork, Outcome, Request
from guardian.ports.prices import NoPrices, Prices, Tokens
from guardian.ports.processes import Ear, Fleet, ProcessState, SupervisedProcess, Supervisor
from guardian.ports.rotation import LogFile, LogRotation, NoRotation, Reopen, RotationOrder, Way
from guardian.ports.tasks import (
    DamagedTask,
    Heartbeats,
    NoHeartbeats,
    PipelineTask,
    TaskChange,
    TaskReading,
    TaskState,
    TaskStore,
    WorkerSeen,
)

_NO_COMMANDS = NoCommands()


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Ports:
    """What a probe and a remedy may use of the world. `now`: what a remedy that looks again measures ages by."""

    node: str
    supervisors: Sequence[Supervisor]
    acts: OwnActs
    logs: LogReader
    commands: CommandRunner = _NO_COMMANDS
    acknowledged: Acknowledged = field(default_factory=NobodyTook)
    entries: EntryReader = field(default_factory=NoEntries)
    tasks: Sequence[TaskStore] = ()
    heartbeats: Heartbeats = field(default_factory=NoHeartbeats)
    flags: Flags = field(default_factory=NoFlags)
    network: Network = field(default_factory=NoNetwork)
    disks: Disks = field(default_factory=NoDisks)
    rotation: LogRotation = field(default_factory=NoRotation)
    prices: Prices = field(default_factory=NoPrices)
    now: Callable[[], datetime] = _utc_now


__all__ = [
    "EVERYTHING",
    "Acknowledged",
    "Answer",
    "Channel",
    "CleanUp",
    "Cleaned",
    "Clock",
    "Command",
    "CommandRunner",
    "Containment",
    "DamagedTask",
    "Disks",
    "Door",
    "Ear",
    "Entries",
    "EntryReader",
    "Flag",
    "Flags",
    "Fleet",
    "Heartbeats",
    "Holder",
    "Knocked",
    "LastWritten",
    "Lifted",
    "LogEntry",
    "LogFile",
    "LogReader",
    "LogRotation",
    "MountSeen",
    "Network",
    "NeverActed",
    "NoCommands",
    "NoDisks",
    "NoEntries",
    "NoFlags",
    "NoHeartbeats",
    "NoNetwork",
    "NoPrices",
    "NoRotation",
    "NobodyTook",
    "Notification",
    "Outcome",
    "OwnActs",
    "PipelineTask",
    "Ports",
    "Prices",
    "ProcessState",
    "Ran",
    "Removable",
    "Reopen",
    "Request",
    "Room",
    "RotationOrder",
    "SupervisedProcess",
    "Supervisor",
    "TaskChange",
    "TaskReading",
    "TaskState",
    "TaskStore",
    "Tokens",
    "Way",
    "WorkerSeen",
]
