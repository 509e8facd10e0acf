"""What is kept of scans: reports of scripts that are asked for again, answers whose message may come twice, and their
numbers, until the history has them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from guardian.store.codec import span
from guardian.store.keys import Keys
from guardian.store.scripts import Scripts, Server, server_errors

REPORT_KEPT = timedelta(hours=1)
ANSWER_KEPT = timedelta(hours=1)
_DEEP_KEPT = timedelta(days=400)
_LARGEST_REPORT = 1_000_000
_COUNTS_KEPT = timedelta(days=3)
_MOST_COUNTS = 2_000
"""Of a day, by agent, verdict and rule: agents that come later are counted together."""
_MOST_ENTRIES = 1_000
"""Of a day, one by one: an agent that sends the same bad script all day long is counted, and fills nothing."""
_COUNTS_AT_ONCE = 500


@dataclass(frozen=True)
class Begun:
    """`times`: how often this message was begun with, this time among them. `answer`: what it answered before."""

    times: int
    answer: Mapping[str, Any] | None
    report: Mapping[str, Any] | None


class Scans:
    """Part of the Store. Each method is one round trip; all raise StoreError."""

    def __init__(self, server: Server, keys: Keys, scripts: Scripts) -> None:
        self._server, self._keys, self._scripts = server, keys, scripts

    def begin(self, message: str, content: str) -> Begun:
        """`content`: the script and the policy, as `keep_report` had it."""
        begun = self._keys.scan_begun(message)
        pipe = self._server.pipeline(transaction=False)
        pipe.incr(begun)
        pipe.pexpire(begun, span(ANSWER_KEPT))
        pipe.get(self._keys.scan_answer(message))
        pipe.get(self._keys.scan(content))
        with server_errors():
            times, _, answer, report = pipe.execute()
        return Begun(times, json.loads(answer) if answer else None, json.loads(report) if report else None)

    def keep_report(self, content: str, report: Mapping[str, Any]) -> None:
        """A report that is very long is not worth its room."""
        text = json.dumps(report)
        if len(text) <= _LARGEST_REPORT:
            with server_errors():
                self._server.set(self._keys.scan(content), text, px=span(REPORT_KEPT))

    def keep_answer(self, message: str, answer: Mapping[str, Any]) -> None:
        with server_errors():
            self._server.set(self._keys.scan_answer(message), json.dumps(answer), px=span(ANSWER_KEPT))

    def count(
        self,
        message: str,
        *,
        agent: str,
        verdict: str,
        rules: Sequence[str],
        scan: Mapping[str, Any] | None,
        now: datetime,
    ) -> bool:
        """False where the message was counted before. `scan`: what the history is to have of this one by itself."""
        day = now.date().isoformat()
        bounds = (span(ANSWER_KEPT), span(_COUNTS_KEPT), _MOST_COUNTS, _MOST_ENTRIES)
        text = json.dumps(scan) if scan else ""
        return bool(self._scripts.run("scan", message, day, *bounds, agent, verdict, text, *rules))

    def hand_over(self) -> int:
        """Put what was counted since the last time where the history takes it. Gives how many counts."""
        handed = 0
        while some := int(self._scripts.run("scan_counts", _COUNTS_AT_ONCE)):
            handed += some
            if some < _COUNTS_AT_ONCE:
                break
        return handed

    def deep(self, node: str) -> tuple[int, Mapping[str, Any]]:
        """The version, and how far the deep scan is."""
        with server_errors():
            version, state = self._server.hmget(self._keys.deep_scan(node), "version", "state")
        return int(version or 0), json.loads(state) if state else {}

    def keep_deep(self, node: str, version: int, state: Mapping[str, Any]) -> bool:
        """False where somebody else went on from this version: what was done since counts for nothing."""
        return bool(self._scripts.run("deep", self._keys.deep_scan(node), version, json.dumps(state), span(_DEEP_KEPT)))
