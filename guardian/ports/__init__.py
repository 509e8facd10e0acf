"""What the core asks of the world, as Protocols. Adapters implement them; tests hand in others."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from guardian.ports.acts import Acknowledged, NeverActed, NobodyTook, OwnActs
from guardian.ports.channels import Channel, Clock, Notification
from guardian.ports.commands import Command, CommandRunner, NoCommands, Ran
from guardian.ports.flags import EVERYTHING, Flag, Flags, Lifted, NoFlags
from guardian.ports.logs import Entries, EntryReader, LogEntry, LogReader, NoEntries
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


@dataclass(frozen=True)
class Ports:
    """What a probe and a remedy may use of the world."""

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
    rotation: LogRotation = field(default_factory=NoRotation)
    prices: Prices = field(default_factory=NoPrices)


__all__ = [
    "EVERYTHING",
    "Acknowledged",
    "Channel",
    "Clock",
    "Command",
    "CommandRunner",
    "DamagedTask",
    "Ear",
    "Entries",
    "EntryReader",
    "Flag",
    "Flags",
    "Fleet",
    "Heartbeats",
    "Lifted",
    "LogEntry",
    "LogFile",
    "LogReader",
    "LogRotation",
    "NeverActed",
    "NoCommands",
    "NoEntries",
    "NoFlags",
    "NoHeartbeats",
    "NoPrices",
    "NoRotation",
    "NobodyTook",
    "Notification",
    "OwnActs",
    "PipelineTask",
    "Ports",
    "Prices",
    "ProcessState",
    "Ran",
    "Reopen",
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
