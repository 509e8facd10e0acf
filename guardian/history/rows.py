"""From the store's entries to rows of the tables. Pure.

An entry has the incident whole as it was then, so that of several only the newest counts, and one makes up for those
that were lost before it. What cannot be read is left out and counted: one bad entry never stops the others.
"""

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from guardian.errors import HistoryError
from guardian.history.values import DONE, FAILED, HELD, NOT_HELD, STOPPED

VERSION = 2
"""Of an entry; a newer one is refused."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIMES = ("opened_at", "seen_at", "looked_before", "acked_at", "alerted_at", "escalated_at", "resolved_at")
_NUMBERS = ("failing_looks", "attempt")
_TEXTS = ("state", "status", "severity", "message", "heal", "tell", "action", "reason", "acked_by", "resolution")
_OUTCOMES = {"healed": DONE, "heal failed": FAILED, "circuit broken": STOPPED, "contained": HELD}

Row = dict[str, Any]

logger = logging.getLogger(__name__)


@dataclass
class Rows:
    """Rows by table; incidents and scans by id, heals by (incident, attempt), counts by what is counted: each with the
    newest of what is known."""

    incidents: dict[str, Row] = field(default_factory=dict)
    heals: dict[tuple[str, int], Row] = field(default_factory=dict)
    steps: list[Row] = field(default_factory=list)
    notifications: list[Row] = field(default_factory=list)
    acts: list[Row] = field(default_factory=list)
    scans: dict[str, Row] = field(default_factory=dict)
    scan_counts: dict[tuple[str, ...], Row] = field(default_factory=dict)
    unreadable: int = 0


def moment(milliseconds: str | int | float) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(milliseconds))


def entry_time(entry: str) -> datetime:
    """When it was added, by the server's clock."""
    return moment(entry.partition("-")[0])


def rows(store: str, entries: Sequence[tuple[str, Mapping[str, str]]]) -> Rows:
    """Raises HistoryError at an entry of a newer version: it is for a newer Guardian to read."""
    found = Rows()
    for entry, fields in entries:
        if int(fields.get("v", 0)) > VERSION:
            raise HistoryError(f"entry {entry} was written by a newer Guardian")
        try:
            _add(found, store, entry, fields)
        except (KeyError, ValueError, TypeError, AttributeError, OverflowError):
            logger.exception("entry %s is left out: it cannot be read", entry)
            found.unreadable += 1
    return found


def _add(found: Rows, store: str, entry: str, fields: Mapping[str, str]) -> None:
    if "act" in fields:
        _add_act(found, json.loads(fields["act"]))
        return
    if "scan" in fields or "scans" in fields:
        _add_scans(found, store, fields)
        return
    known = json.loads(fields["incident"])
    row = _incident(known) | {"store": store, "changed_at": entry_time(entry), "evidence": fields.get("evidence")}
    before = found.incidents.get(known["id"], {})
    found.incidents[known["id"]] = row | {"evidence": row["evidence"] or before.get("evidence")}
    for step in json.loads(fields.get("steps", "[]")):
        found.steps.append(_step(known["id"], step))
        _add_heal(found, store, row, step)
        _add_telling(found, row, step)


def _incident(known: Mapping[str, str]) -> Row:
    return {
        "id": known["id"],
        "check_name": text(known["check"]),
        "node": text(known["node"]),
        "target": text(known["target"]),
        "document": json.dumps(known),
        **{name: text(known[name]) if name in known else None for name in _TEXTS},
        **{name: int(known.get(name, 0)) for name in _NUMBERS},
        **{name: moment(known[name]) if int(known.get(name, 0)) else None for name in _TIMES},
    }


def _step(incident: str, step: Mapping[str, Any]) -> Row:
    return {
        "incident": incident,
        "at": moment(step["at"]),
        "kind": text(step["kind"]),
        "text": text(step["text"]),
        "reason": text(step["reason"]) if step.get("reason") else None,
    }


def _add_heal(found: Rows, store: str, incident: Row, step: Mapping[str, Any]) -> None:
    kind = step["kind"]
    if kind == "claimed":
        changes = {"act": text(step["act"]), "remedy": text(step["remedy"]), "cure": bool(step["cure"])}
        changes |= {"claimed_at": moment(step["at"])}
    elif kind in _OUTCOMES:
        changes = {"finished_at": moment(step["at"]), "outcome": _OUTCOMES[kind], "text": text(step["text"])}
    elif kind == "verified":
        changes = {"outcome": HELD}
    elif kind == "not verified" and step.get("reason"):  # without one it is looked at again
        changes = {"outcome": NOT_HELD}
    else:
        return
    key = (incident["id"], incident["attempt"])
    blank = dict.fromkeys(("act", "remedy", "cure", "claimed_at", "finished_at", "outcome", "text"))
    about = {name: incident[name] for name in ("check_name", "node", "target")}
    own = {"incident": key[0], "attempt": key[1], "store": store}
    found.heals[key] = {**blank, **about, **own, **found.heals.get(key, {}), **changes}


def _add_telling(found: Rows, incident: Row, step: Mapping[str, Any]) -> None:
    if step["kind"] == "acknowledged":
        found.acts.append(_act(step["at"], step["by"], "acknowledge", incident["id"], incident["target"]))
    elif step["kind"] in ("told", "delivery failed"):
        sent = step["kind"] == "told"
        found.notifications.append(_notification(incident["id"], step, sent=sent, channel=step.get("channel", "")))


def _notification(about: str, step: Mapping[str, Any], *, sent: bool, channel: str) -> Row:
    return {
        "incident": about,
        "at": moment(step["at"]),
        "step": text(step.get("step", "")),
        "channel": text(channel),
        "sent": sent,
        "text": text(step["text"]),
    }


def _add_act(found: Rows, act: Mapping[str, Any]) -> None:
    verb = act["verb"]
    if verb in ("digest told", "digest failed"):
        step = {"at": act["at"], "step": "digest", "text": act["about"]}
        found.notifications.append(
            _notification(act["day"], step, sent=verb == "digest told", channel=act.get("channel", ""))
        )
        return
    found.acts.append(_act(act["at"], act["by"], verb, act.get("day", ""), act["about"]))


def _add_scans(found: Rows, store: str, fields: Mapping[str, str]) -> None:
    if "scan" in fields:
        scan = json.loads(fields["scan"])
        row: Row = {name: text(scan[name]) for name in ("id", "node", "agent", "path", "verdict")}
        row |= {"at": datetime.fromisoformat(scan["at"]), "rules": text(" ".join(scan["rules"]))}
        found.scans[row["id"]] = row | {"sha256": text(scan["sha256"]) if scan["sha256"] else None}
    for each in json.loads(fields.get("scans", "[]")):
        key = (each["day"], text(each["agent"]), text(each["what"]))
        about = {"day": date.fromisoformat(key[0]), "store": store, "agent": key[1], "what": key[2]}
        found.scan_counts[key] = about | {"count": int(each["count"])}


def _act(at: str, author: str, verb: str, subject: str, about: str) -> Row:
    return {
        "at": moment(at),
        "author": text(author),
        "verb": text(verb),
        "subject": text(subject),
        "about": text(about),
    }


def text(value: str) -> str:
    """As every database takes it: no NUL, no lone surrogate."""
    return str(value).replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
