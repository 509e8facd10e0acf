"""The peers of the crash bench. No figure is asserted."""

import math
import random

import pytest

from bench import peers
from bench.peers import PEERS


@pytest.mark.long
@pytest.mark.timeout(600)
def test_every_peer_is_measured_or_says_why_not() -> None:
    rows = peers.rows(4, random.Random(1))
    assert [row.title.partition(" ")[0] for row in rows] == ["PM2", "supervisord", "Monit"]
    for row, peer in zip(rows, PEERS, strict=True):
        assert row.remark == (f"not measured: {reason}" if (reason := peer.hindrance()) else "")
        assert len(row.values) == (0 if row.remark else 4)
        assert all(0 <= value < math.inf for value in row.values)


def test_a_peer_that_cannot_be_had_has_a_row_that_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = peers.Peer("Monit", 4, peers.running_monit, hindrance=lambda: "monit is missing")
    monkeypatch.setattr(peers, "PEERS", (missing,))
    (row,) = peers.rows(4, random.Random(1))
    assert (row.values, row.remark) == ([], "not measured: monit is missing")
