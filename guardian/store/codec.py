"""Between the model's values and what Redis holds: hashes of text, times as whole milliseconds since the epoch."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from guardian.model import (
    Action,
    Arming,
    Evidence,
    HealState,
    Hypothesis,
    Incident,
    IncidentState,
    Key,
    Mode,
    OwnAct,
    Reason,
    Severity,
    Silence,
    Status,
    TargetState,
    TellState,
    Transition,
)
from guardian.ports import Flag, Lifted
from guardian.store.values import ProcessSign

_MILLISECOND = timedelta(milliseconds=1)
_NO_SIGN = asdict(ProcessSign(role="", node="", machine="", host="", pid=0, version=""))
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def ms(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


def span(length: timedelta) -> int:
    return length // _MILLISECOND


def moment(text: str | int) -> datetime:
    return _EPOCH + int(text) * _MILLISECOND


def optional_moment(text: str | int | None) -> datetime | None:
    """None for nothing and for 0, which Lua writes for "never"."""
    return moment(text) if text is not None and int(text) else None


def incident(fields: Mapping[str, str]) -> Incident:
    def at(name: str) -> datetime | None:
        return optional_moment(fields.get(name))

    return Incident(
        id=fields["id"],
        key=Key(fields["check"], fields["node"], fields["target"]),
        state=IncidentState(fields["state"]),
        status=Status(fields["status"]),
        severity=Severity(fields["severity"]),
        message=fields["message"],
        opened_at=moment(fields["opened_at"]),
        seen_at=moment(fields["seen_at"]),
        looked_before=moment(fields["looked_before"]),
        subject=fields.get("subject", fields["target"]),
        failing_looks=int(fields["failing_looks"]),
        attempt=int(fields["attempt"]),
        heal=HealState(fields["heal"]),
        heal_due=at("heal_due"),
        healed_at=at("healed_at"),
        tell=TellState(fields["tell"]),
        tell_due=at("tell_due"),
        at_once="at_once" in fields,
        once="once" in fields,
        flapping="flapping" in fields,
        action=Action(fields["action"]) if "action" in fields else None,
        reason=Reason(fields["reason"]) if "reason" in fields else None,
        acked_by=fields.get("acked_by"),
        acked_at=at("acked_at"),
        alerted_at=at("alerted_at"),
        escalated_at=at("escalated_at"),
        task_file=fields.get("task_file"),
        resolved_at=at("resolved_at"),
        resolution=fields.get("resolution"),
        circuit_broken="circuit_broken" in fields,
        evidence=evidence(fields["evidence"]) if "evidence" in fields else None,
        root_id=fields.get("root_id"),
        parent_id=fields.get("parent_id"),
    )


def evidence(text: str) -> Evidence:
    held = json.loads(text)
    cause = held["hypothesis"]
    return Evidence(moment(held["taken_at"]), held["facts"], held["log_tail"], Hypothesis(**cause) if cause else None)


def evidence_text(value: Evidence) -> str:
    return _json(asdict(value) | {"taken_at": ms(value.taken_at)})


def state(text: str) -> TargetState:
    held = json.loads(text)
    hard = optional_moment(held.get("hard_since"))
    times = {"since": moment(held["since"]), "at": moment(held["at"]), "hard_since": hard}
    return TargetState(**held | times | {"status": Status(held["status"]), "severity": Severity(held["severity"])})


def state_text(value: TargetState) -> str:
    hard = ms(value.hard_since) if value.hard_since else None
    return _json(asdict(value) | {"since": ms(value.since), "at": ms(value.at), "hard_since": hard})


def transition(text: str) -> Transition:
    held = json.loads(text)
    return Transition(moment(held["at"]), held["kind"], held["text"], held.get("reason"))


def act(target: str, text: str) -> OwnAct:
    held = json.loads(text)
    return OwnAct(target, held["act"], moment(held["at"]))


def silence(text: str) -> Silence:
    held = json.loads(text)
    return Silence(**held | {"until": moment(held["until"])})


def silence_text(value: Silence) -> str:
    return _json(asdict(value) | {"until": ms(value.until)})


def json_text(value: Any) -> str:
    """For what is kept as text and read back here."""
    return _json(value)


def script_text(value: Any) -> str:
    """For what a script reads. Not escaped: cjson refuses a lone surrogate as an escape and passes its bytes on."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False, ensure_ascii=False)


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def arming(fields: Mapping[str, str]) -> Arming | None:
    if fields.get("mode") not in set(Mode):
        return None
    return Arming(Mode(fields["mode"]), fields.get("by", ""), moment(fields.get("at", "0")), fields.get("comment", ""))


def sign_text(process: ProcessSign) -> str:
    return json.dumps(asdict(process), sort_keys=True)


def sign(text: str) -> ProcessSign:
    """Of another version too, which may have written more, or less: that is what signs are compared for."""
    held = json.loads(text)
    return ProcessSign(**{name: held.get(name, empty) for name, empty in _NO_SIGN.items()})


def flag(scope: str, held: Mapping[str, Any]) -> Flag:
    until = optional_moment(held.get("until"))
    return Flag(
        scope, float(held["share"]), held["reason"], held["author"], moment(held["since"]), until, held.get("incident")
    )


def flag_text(value: Flag) -> str:
    """For the scripts too; what is not so is not there, since Lua knows no null."""
    held = asdict(value) | {"since": ms(value.since), "until": ms(value.until) if value.until else None}
    return script_text({name: each for name, each in held.items() if each is not None and name != "scope"})


def ended_flag(scope: str, text: str) -> Lifted:
    held = json.loads(text)
    return Lifted(flag(scope, held["flag"]), held.get("by"), moment(held["at"]))
