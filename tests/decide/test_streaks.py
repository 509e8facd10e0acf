"""Streaks of bad results: each counts once, at the place that its time gives it."""

from itertools import permutations

from guardian.decide.streaks import Result, Streaks, counted, without


def of(*bad: bool, agent: str | None = "a", begin: float = 1.0) -> list[Result]:
    return [Result(begin + number, agent, each) for number, each in enumerate(bad)]


def length(streaks: Streaks, agent: str = "a") -> int:
    return streaks.agents[agent].length


def test_bad_ones_in_a_row_are_counted_and_a_good_one_ends_them() -> None:
    first = counted(Streaks(), of(True, False, True, True), 5)
    assert (length(first), first.all.length) == (2, 2)
    assert length(counted(first, of(True, begin=10), 5)) == 3
    assert length(counted(first, of(False, begin=10), 5)) == 0


def test_each_agent_has_its_own_and_all_have_one_together() -> None:
    results = [*of(True, True, agent="a"), *of(False, agent="b", begin=1.5)]
    found = counted(Streaks(), results, 5)
    assert (length(found, "a"), length(found, "b"), found.all.length, found.last) == (2, 0, 1, ["a"])
    without_agent = counted(found, of(True, agent=None, begin=9), 5)
    assert (without_agent.all.length, set(without_agent.agents)) == (2, {"a", "b"})


def test_in_whatever_looks_results_come_the_count_is_that_of_their_times() -> None:
    results = of(True, False, True, True, True)
    for order in permutations(results):
        found = Streaks()
        for result in order:
            found = counted(found, [result], 5)
        assert (length(found), found.all.length, found.agents["a"].results) == (3, 3, 5)


def test_a_late_bad_one_from_before_the_last_good_one_adds_nothing() -> None:
    found = counted(Streaks(), of(False, True, begin=10), 5)
    assert length(counted(found, of(True, begin=5), 5)) == 1


def test_a_streak_longer_than_what_is_kept_is_counted_whole_until_a_good_one_ends_it() -> None:
    found = counted(Streaks(), of(*[True] * 50), 5)
    assert (length(found), len(found.agents["a"].bad)) == (50, 5)
    assert length(counted(found, of(False, begin=48.5), 5)) == 2
    assert length(counted(found, of(False, begin=0.5), 5)) == 50


def test_agents_that_are_too_many_or_quiet_are_forgotten() -> None:
    found = counted(Streaks(), [Result(float(n), f"agent-{n}", bad=True) for n in range(300)], 5)
    assert len(found.agents) == 200
    assert "agent-299" in found.agents
    assert len(found.last) == 5
    assert set(without(found, 298.5, ["agent-150"]).agents) == {"agent-299", "agent-150"}
