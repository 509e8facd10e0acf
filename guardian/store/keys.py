"""Every key that Guardian keeps in Redis, in one place. Lua scripts get these names from here too.

All under one prefix, all bounded or expiring: looks and verdicts by the number of checks and targets, closed
incidents by age and number, acts by the number of targets. Below `blind:` the watches agree on who tells what.
"""

from collections.abc import Mapping
from dataclasses import dataclass

SCHEMA = 1
"""The version of what is stored. A store with a newer one is refused, never rewritten."""

HISTORY_VERSION = 2
"""The version of an entry in the history's stream."""
HISTORY_LENGTH = 10_000
"""Entries that wait for the history at most, unless configured otherwise."""


@dataclass(frozen=True)
class Keys:
    """Names of keys below `prefix`. Those that take a name end in a colon here and are completed where used."""

    prefix: str

    def names(self) -> Mapping[str, str]:
        """`{name: key or key prefix}`, handed to the Lua scripts as the table K."""
        return {
            "store": self.store,
            "incident": self.prefix + "incident:",
            "story": self.prefix + "story:",
            "open": self.open,
            "closed": self.closed,
            "due": self.due,
            "look": self.prefix + "look:",
            "verdicts": self.prefix + "verdicts:",
            "heal": self.prefix + "heal:",
            "cures": self.prefix + "cures:",
            "brake": self.prefix + "brake:",
            "acts": self.prefix + "acts:",
            "silences": self.silences,
            "channels": self.channels,
            "channel": self.prefix + "channel:",
            "spool": self.prefix + "spool:",
            "spooled": self.prefix + "spooled:",
            "blind": self.prefix + "blind:",
            "history": self.history,
            "history_count": self.history_count,
            "digest": self.digest,
            "arming": self.arming,
            "flags": self.flags,
            "flags_ended": self.flags_ended,
            "heartbeats": self.heartbeats,
            "heartbeat_tasks": self.heartbeat_tasks,
            "pipelines": self.pipelines,
            "starts": self.prefix + "starts:",
            "begun": self.prefix + "begun:",
            "scan_counted": self.prefix + "scan:counted:",
            "scan_counts": self.prefix + "scan:counts:",
            "scan_changed": self.prefix + "scan:changed",
            "scan_entries": self.prefix + "scan:entries",
        }

    @property
    def store(self) -> str:
        """hash: schema, id, made_at, recovering_until; of a store that came back empty also lost (the identity of the
        one before), read_back, unsure_since, unsure_until."""
        return self.prefix + "store"

    @property
    def open(self) -> str:
        """hash: check|node|target -> id of the one open incident."""
        return self.prefix + "open"

    @property
    def closed(self) -> str:
        """sorted set: resolved incidents by time, the newest few hundred."""
        return self.prefix + "closed"

    @property
    def due(self) -> str:
        """sorted set: `id heal` and `id tell` by the time when the sweep has to look."""
        return self.prefix + "due"

    @property
    def silences(self) -> str:
        """hash: id -> silence as JSON."""
        return self.prefix + "silences"

    @property
    def channels(self) -> str:
        """sorted set: channels with undelivered notifications by the time of the next try."""
        return self.prefix + "channels"

    def channel(self, name: str) -> str:
        """hash: the trouble with one channel: since, tries, next, trouble, refused, node, dropped."""
        return f"{self.prefix}channel:{name}"

    def spool(self, name: str) -> str:
        """sorted set: what is undelivered to one channel (`incident:step`) by the time when it is due; bounded."""
        return f"{self.prefix}spool:{name}"

    def spooled(self, name: str) -> str:
        """hash: `incident:step` -> the notification as JSON."""
        return f"{self.prefix}spooled:{name}"

    @property
    def arming(self) -> str:
        """hash: mode, by, at, comment of the last `guardian arm` or `disarm`."""
        return self.prefix + "arming"

    @property
    def flags(self) -> str:
        """hash: scope -> the control flag that was put there last, as JSON. Bounded; one that is over is none."""
        return self.prefix + "flags"

    @property
    def flags_ended(self) -> str:
        """hash: `incident scope` -> {flag, by, at} as JSON, of flags that a person lifted and (without `by`) of those
        whose time was over; for a day, and while the incident is open."""
        return self.prefix + "flags_ended"

    @property
    def heartbeats(self) -> str:
        """sorted set: the users' workers by last sign of life; a day, bounded."""
        return self.prefix + "heartbeats"

    @property
    def heartbeat_tasks(self) -> str:
        """hash: worker -> the task that it worked on then."""
        return self.prefix + "heartbeat_tasks"

    @property
    def pipelines(self) -> str:
        """hash: task store -> {at, doing, cap} of the last look at it as JSON. Below `starts:` a sorted set for each:
        what was let start since, by time; below `begun:` a string for each work of a day, who began it. All expire."""
        return self.prefix + "pipelines"

    @property
    def processes(self) -> str:
        """sorted set: Guardian's processes (role, node, machine, host, pid, version as JSON) by last sign of life."""
        return self.prefix + "processes"

    @property
    def history(self) -> str:
        """stream: what changed, until the history has it; bounded (see lua/common.lua for an entry)."""
        return self.prefix + "history"

    @property
    def history_count(self) -> str:
        """string: entries that were ever added; the number that each carries, so that a gap is seen."""
        return self.prefix + "history_count"

    @property
    def history_state(self) -> str:
        """hash: fed_number, failing_since, why, gap_at, gap, pruned_at: how the feeding of the history stands."""
        return self.prefix + "history_state"

    @property
    def history_turn(self) -> str:
        """string: somebody feeds the history, or has it rest; expires."""
        return self.prefix + "history_turn"

    @property
    def digest(self) -> str:
        """hash: the day that is being told and its channels, and the last one that was."""
        return self.prefix + "digest"

    @property
    def nodes(self) -> str:
        """sorted set: worker roles (`node role`) by last sign of life."""
        return self.prefix + "nodes"

    @property
    def beat(self) -> str:
        """string: beat's last tick; expires."""
        return self.prefix + "beat"

    @property
    def watches(self) -> str:
        """hash: node -> the last sign of life of its watch as JSON; expires."""
        return self.prefix + "watches"

    def canary(self, queue: str) -> str:
        """string: when a canary last went through the queue and was worked on; expires."""
        return f"{self.prefix}canary:{queue}"

    def incident(self, incident: str) -> str:
        """hash: one incident."""
        return self.prefix + "incident:" + incident

    def story(self, incident: str) -> str:
        """list: its transitions, newest last, bounded."""
        return self.prefix + "story:" + incident

    def look(self, check: str, node: str) -> str:
        """hash: version, memory and message of the last look of a check at a node."""
        return f"{self.prefix}look:{check}:{node}"

    def verdicts(self, check: str, node: str) -> str:
        """hash: target -> state as JSON."""
        return f"{self.prefix}verdicts:{check}:{node}"

    def heal(self, node: str, target: str) -> str:
        """hash: lease, fence and cooldown of one target, shared by all checks."""
        return f"{self.prefix}heal:{node}:{target}"

    def cures(self, node: str, target: str) -> str:
        """sorted set: cures of one target in the budget window."""
        return f"{self.prefix}cures:{node}:{target}"

    def brake(self, node: str) -> str:
        """hash: since and next release of an engaged fleet brake."""
        return f"{self.prefix}brake:{node}"

    def acts(self, node: str) -> str:
        """hash: target -> Guardian's last act on it."""
        return f"{self.prefix}acts:{node}"

    def scan(self, content: str) -> str:
        """string: the report of a script under a policy as JSON; expires."""
        return f"{self.prefix}scan:report:{content}"

    def scan_answer(self, message: str) -> str:
        """string: what a scan answered before it moved the script away, as JSON; expires."""
        return f"{self.prefix}scan:answer:{message}"

    def scan_begun(self, message: str) -> str:
        """string: how often the message was begun with; expires."""
        return f"{self.prefix}scan:begun:{message}"

    def scan_counts(self, day: str) -> str:
        """hash: `verdict agent` and `rule agent` -> scans of the day. Beside it `scan:changed`, what of it the history
        lacks, and `scan:entries`, how many of each day are in it one by one. All expire."""
        return f"{self.prefix}scan:counts:{day}"

    def deep_scan(self, node: str) -> str:
        """hash: version, and how far the deep scan of the node is, as JSON; expires."""
        return f"{self.prefix}scan:deep:{node}"
