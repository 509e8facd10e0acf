"""What a person reads: complete, bounded, and without anything that a stranger put there to harm."""

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.diagnose.blocks import heading
from guardian.model import Action, Evidence, Hypothesis, Key, Reason, Status, Transition
from guardian.notify.texts import MAX_TEXT, MAX_TITLE, notification
from tests.notify.incidents import AT, SECRET, STORY, incident


def test_an_alert_says_what_is_seen_why_what_was_done_and_how_to_go_on() -> None:
    told = notification(incident(), STORY, "alert", AT)
    assert told.title == "writer#2 fails on node-1: errored, exit code 1"
    assert (told.severity, told.check, told.target, told.node, told.at) == (
        "high", "process_health", "writer#2", "node-1", AT,
    )  # fmt: skip
    for part in (
        "Since 2026-11-23 21:03:32+00:00, severity high",
        "Seen 7 times, last 2026-11-23 21:04:32+00:00",
        "exit_code 1; restarts 12",
        "Likely cause: the codec lacks it",
        "What may help: use utf-8",
        "healed: restarted with token=sk-a***",
        "not verified: errored",
        "Not healed (any more): cooling down after a heal",
        "guardian explain 01JDXYZ",
        "guardian ack 01JDXYZ",
    ):
        assert part in told.text
    assert [f"line {n} sk-a***" in told.text for n in (14, 15, 29)] == [False, True, True]
    assert "pid" not in told.text


@pytest.mark.parametrize(
    ("step", "title"),
    [
        ("escalation", "[SENTINEL] writer#2 needs attention"),
        ("resolved", "writer#2 is well again on node-1"),
        ("healed", "writer#2 failed on node-1 and was healed"),
    ],
)
def test_each_step_has_its_title(step: str, title: str) -> None:
    assert notification(incident(), STORY, step, AT).title == title


def test_a_good_end_is_short_and_only_information() -> None:
    over = incident(resolved_at=AT + timedelta(minutes=5), resolution="ok again")
    told = notification(over, STORY, "resolved", AT)
    assert told.severity == "info"
    assert told.text.startswith("Over since 2026-11-23 21:08:32+00:00, after 0:05:00: ok again")
    assert "line 29" not in told.text
    assert "guardian ack" not in told.text


def test_blind_is_not_called_failing() -> None:
    told = notification(incident(status=Status.UNKNOWN, message="no answer"), STORY, "alert", AT)
    assert told.title == "writer#2 cannot be looked at on node-1: no answer"


@pytest.mark.parametrize(
    ("action", "reason", "story", "why"),
    [
        (Action.ALERT, Reason.BUDGET_USED, (), "heal budget used up"),
        (Action.HEAL, Reason.FAILING, STORY[:2], None),
        (None, None, STORY, "cooling down after a heal"),
        (None, None, (), None),
        (Action.HEAL, Reason.FAILING, STORY[:4], "still failing after the heal"),
    ],
)
def test_the_reason_against_a_heal_is_the_last_one_decided(
    action: Action | None, reason: Reason | None, story: tuple[Transition, ...], why: str | None
) -> None:
    text = notification(incident(action=action, reason=reason), story, "alert", AT).text
    assert ("Not healed (any more): " in text) == (why is not None)
    assert why is None or why in text


def test_a_chatty_output_log_does_not_hide_the_error_log() -> None:
    tail = [heading("/err"), "Traceback", "MemoryError", heading("/out"), *(f"chat {n}" for n in range(40))]
    text = notification(incident(evidence=Evidence(AT, {}, tail)), (), "alert", AT).text
    assert "MemoryError" in text
    assert "chat 39" in text
    assert "chat 26" not in text


def test_too_much_of_everything_keeps_the_newest_log_line_and_how_to_go_on() -> None:
    big = "word " * 2000
    evidence = Evidence(
        AT, {f"fact{n}": big for n in range(99)}, [big] * 50 + ["newest line"], Hypothesis("x", big, big)
    )
    story = [Transition(AT, "healed", big)] * 100
    told = notification(incident(message=big, evidence=evidence), story, "alert", AT)
    assert len(told.text) <= MAX_TEXT
    assert len(told.title) <= MAX_TITLE
    assert "newest line" in told.text
    assert told.text.endswith("guardian ack 01JDXYZ")


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400), st.sampled_from(["alert", "escalation", "resolved", "healed"]))
def test_whatever_strangers_wrote_it_is_plain_bounded_json_without_secrets(text: str, step: str) -> None:
    hostile = f"{text} \x1b[2J{SECRET} {text}"
    evidence = Evidence(AT, {hostile: hostile, "n": float("nan")}, [hostile] * 20, Hypothesis("x", hostile, hostile))
    told = notification(
        incident(message=hostile, key=Key("c", hostile, hostile), evidence=evidence),
        [Transition(AT, "healed", hostile)],
        step,
        AT,
    )
    whole = json.dumps(
        [told.title, told.text, told.target, told.node, told.details], allow_nan=False, ensure_ascii=False
    )
    whole.encode("utf-8")
    assert SECRET not in whole
    assert not any(ord(c) < 32 and c != "\n" for c in told.title + told.text)
    assert "\n" not in told.title
    assert len(told.text) <= MAX_TEXT
