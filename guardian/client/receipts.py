"""Whether a receipt lets a script run without another scan."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from guardian.client.connection import STATE
from guardian.errors import GuardianError
from guardian.host import receipt_key
from guardian.scanner import policy_file, policy_found, receipt
from guardian.scanner.policy import MAX_BYTES
from guardian.scanner.reading import UnreadableError, read_script

MAX_AGE = timedelta(days=1)


@dataclass(frozen=True)
class Verified:
    """True where it may run: `source` holds the bytes that were verified, to be run in place of the file. Else `reason`
    says why not."""

    source: bytes | None = None
    reason: str | None = None

    def __bool__(self) -> bool:
        return self.reason is None and self.source is not None


def verify_receipt(
    path: str | os.PathLike[str],
    given: Mapping[str, Any] | str | None,
    *,
    state: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
    max_age: timedelta | None = MAX_AGE,
) -> Verified:
    """The receipt (JSON, or as read from it) must be signed with the key of $GUARDIAN_RECEIPT_KEY, the configuration or
    the state directory, for this content, under the policy in force, with the scan verdict allow. Never raises."""
    try:
        source = read_script(path, 64 * MAX_BYTES)
        reason = _fault(os.fspath(path), source, given, Path(state) if state is not None else STATE,
                        Path(config) if config is not None else None, max_age)  # fmt: skip
    except (GuardianError, UnreadableError, OSError, ValueError) as error:
        return Verified(None, str(error) or type(error).__name__)
    return Verified(source if reason is None else None, reason)


def _fault(
    path: str, source: bytes, given: Mapping[str, Any] | str | None, state: Path, config: Path | None,
    max_age: timedelta | None,
) -> str | None:  # fmt: skip
    found = json.loads(given) if isinstance(given, str) else given
    if not isinstance(found, Mapping):
        return "it is no receipt"
    policy, file = policy_found.found(config, os.environ)
    table = policy_file.read(file).get(policy_file.TABLE, {}) if file else {}
    key = receipt_key.known(receipt_key.configured(table, os.environ), state)
    if key is None:
        return f"there is no key to verify it with: ${receipt_key.VARIABLE}, `receipt_key`, or the one in {state}"
    agent = found.get("agent")
    own = policy.for_agent(agent if isinstance(agent, str) else None)
    return receipt.fault(
        found, source, key, policies={own.version, own.for_text().version}, now=datetime.now(UTC), max_age=max_age,
        path=receipt.absolute(path),
    )  # fmt: skip
