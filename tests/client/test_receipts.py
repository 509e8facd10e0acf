"""A receipt lets these bytes run, under this policy, and nothing else."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from guardian import client
from guardian.host.receipt_key import receipt_key
from guardian.scanner import receipt, scan_source
from guardian.scanner.policy import Exemption, Policy

POLICY = Policy()
GOOD, KEY, NOW = b"print('fine')\n", b"k" * 32, datetime(2027, 1, 15, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    policy: Policy = POLICY
    source: bytes = GOOD

    def receipt(self, **more: Any) -> dict[str, Any]:
        report = scan_source(self.source, filename="/a.py", policy=self.policy)
        return dict(receipt.of(report, self.policy, KEY, **{"agent": None, "at": NOW, "path": "/a.py", **more}))

    def fault(self, given: Mapping[str, Any], source: bytes | None = None, key: bytes = KEY, **more: Any) -> str | None:
        known = {"policies": {self.policy.version}, "now": NOW, "path": "/a.py", **more}
        return receipt.fault(given, self.source if source is None else source, key, **known)


def test_the_scanned_bytes_may_run() -> None:
    assert Case().fault(Case().receipt()) is None


def test_one_changed_byte_is_refused_wherever_it_is() -> None:
    given = Case().receipt()
    for at in range(len(GOOD)):
        for bit in (1, 128):
            changed = bytes([*GOOD[:at], GOOD[at] ^ bit, *GOOD[at + 1 :]])
            assert Case().fault(given, changed) == "the content is not the one that was scanned"
    assert Case().fault(given, GOOD + b"\n") is not None
    assert Case().fault(given, GOOD[:-1]) is not None


def test_another_policy_is_refused() -> None:
    given = Case(Policy(max_nodes=9)).receipt()
    assert "another policy" in (Case().fault(given) or "")


@pytest.mark.parametrize("name", ["format", "sha256", "policy", "verdict", "at", "agent", "path", "mac"])
def test_an_altered_field_is_refused(name: str) -> None:
    given = Case().receipt()
    for other in ("allow", "", None, 2, [], "é"):
        if other != given[name]:
            assert Case().fault({**given, name: other}) is not None
    assert Case().fault({key: value for key, value in given.items() if key != name}) == "it is no receipt"
    assert Case().fault({**given, "more": 1}) == "it is no receipt"


def test_another_key_is_refused() -> None:
    assert "signature" in (Case().fault(Case().receipt(), key=b"other") or "")


def test_only_allow_lets_it_run() -> None:
    bad = Case(source=b"eval('1')\n")
    assert bad.fault(bad.receipt()) == "the scan verdict is block"


def test_a_receipt_grows_old() -> None:
    given = Case().receipt()
    assert Case().fault(given, now=NOW + timedelta(days=1), max_age=timedelta(days=1)) is None
    assert "older" in (Case().fault(given, now=NOW + timedelta(days=1, seconds=1), max_age=timedelta(days=1)) or "")
    assert "future" in (Case().fault(given, now=NOW - timedelta(hours=1)) or "")


def test_where_an_exception_went_by_the_path_it_is_for_that_path_alone() -> None:
    case = Case(Policy(exceptions=(Exemption("G101", "why", path="/a.py"),)), b"eval('1')\n")
    given = case.receipt()
    assert given["path"] == "/a.py"
    assert case.fault(given) is None
    assert case.fault(given, path="/b.py") == "it is for /a.py alone"


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in the folder where the client runs, whose state directory has a key."""
    for name in ("GUARDIAN_CONFIG", "GUARDIAN_RECEIPT_KEY", "GUARDIAN_REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".guardian").mkdir()
    receipt_key(None, tmp_path / ".guardian")
    (tmp_path / "made.py").write_bytes(GOOD)
    return tmp_path / "made.py"


def test_a_client_verifies_what_a_client_scanned(script: Path) -> None:
    scanned = client.scan(script, in_process=True)
    assert scanned.allowed
    verified = client.verify_receipt(script, scanned.receipt)
    assert verified
    assert verified.source == GOOD
    assert client.verify_receipt(script, json.dumps(scanned.receipt))
    script.write_bytes(GOOD + b"#")
    assert not client.verify_receipt(script, scanned.receipt)


def test_the_policy_in_force_counts(script: Path) -> None:
    scanned = client.scan(script, in_process=True)
    (script.parent / "guardian.toml").write_text("[scanner]\nmax_nodes = 1000\n")
    refused = client.verify_receipt(script, scanned.receipt)
    assert not refused
    assert "another policy" in (refused.reason or "")
    assert client.verify_receipt(script, client.scan(script, in_process=True).receipt)


def test_a_key_of_the_environment_goes_first(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scanned = client.scan(script, in_process=True)
    monkeypatch.setenv("GUARDIAN_RECEIPT_KEY", "another key, long enough")
    assert not client.verify_receipt(script, scanned.receipt)


@pytest.mark.parametrize("given", [None, "", "{", "[]", "1", {}, "null"])
def test_what_is_no_receipt_lets_nothing_run(script: Path, given: Any) -> None:
    refused = client.verify_receipt(script, given)
    assert not refused
    assert refused.reason
    assert not client.verify_receipt(script.parent / "gone.py", given)


def test_without_a_key_nothing_is_verified(script: Path) -> None:
    scanned = client.scan(script, in_process=True)
    (script.parent / ".guardian" / "receipt-key").unlink()
    assert "no key" in (client.verify_receipt(script, scanned.receipt).reason or "")


def test_a_key_is_made_once_by_however_many(tmp_path: Path) -> None:
    code = "import sys; from pathlib import Path; from guardian.host.receipt_key import receipt_key\n"
    code += "print(receipt_key(None, Path(sys.argv[1])).decode())"
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert len({each.communicate(timeout=60)[0] for each in running}) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["receipt-key"]
    assert (tmp_path / "receipt-key").stat().st_mode & 0o777 == 0o600


def test_a_wrong_policy_blocks(script: Path) -> None:
    (script.parent / "guardian.toml").write_text("[scanner]\nmax_node = 1\n")
    scanned = client.scan(script, in_process=True)
    assert (scanned.verdict, scanned.allowed) == ("block", False)
    assert "did you mean `max_nodes`" in scanned.findings[0].message


def test_a_client_loads_nothing_slow() -> None:
    code = "import sys, json, guardian.client; guardian.client.scan(source='x = 1', in_process=True)\n"
    code += "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    slow = {"celery", "kombu", "sqlalchemy", "pydantic", "rich", "redis", "requests", "asyncio"}
    assert set(json.loads(done.stdout)) & slow == set()
