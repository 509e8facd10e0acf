"""The key that signs scan receipts: given, else made once at random in the state directory (mode 0600)."""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from guardian.errors import GuardianError

NAME = "receipt-key"
VARIABLE = "GUARDIAN_RECEIPT_KEY"
_BYTES = 32


def receipt_key(given: str | None, state: Path) -> bytes:
    """Several processes that make it at once end with the same one. Raises GuardianError."""
    if given:
        return given.encode()
    path = state / NAME
    try:
        if (found := _read(path)) is None:
            _make(path)
            found = _read(path)
    except OSError as error:
        raise GuardianError(f"{path} cannot be the receipt key: {error.strerror or error}") from error
    if not found:
        raise GuardianError(f"{path} is empty: remove it, and a new key is made")
    return found


def configured(table: Mapping[str, object], environ: Mapping[str, str]) -> str | None:
    """What the environment or a configuration's table `[scanner]` gives, read without the rest of it. Raises
    GuardianError."""
    if value := environ.get(VARIABLE):
        return value.strip()
    if isinstance(given := table.get("receipt_key"), str):
        return given
    if isinstance(file := table.get("receipt_key_file"), str):
        try:
            return Path(file).expanduser().read_text(encoding="utf-8-sig").partition("\n")[0].strip()
        except (OSError, ValueError, RuntimeError) as error:
            raise GuardianError(f"{file} cannot be read as the receipt key: {error}") from error
    return None


def known(given: str | None, state: Path) -> bytes | None:
    """The same, where nothing is to be made."""
    if given:
        return given.encode()
    with suppress(OSError):
        return _read(state / NAME) or None
    return None


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes().strip()
    except FileNotFoundError:
        return None


def _make(path: Path) -> None:
    """Linked to its name when it is whole, so that nobody reads half a key and the first one wins."""
    temporary = path.with_name(f"{NAME}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
            file.flush()
            os.fsync(handle)
        with suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()
