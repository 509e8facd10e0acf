"""How far a file was read, and how it is known again: by its inode, its first bytes, and those before the place."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

_HEAD, _TAIL = 256, 256


@dataclass(frozen=True)
class Place:
    """`path` is where it was seen last, `at` the next byte to read, `size` how large it was then. `head` is a
    fingerprint of its first `head_bytes`, `tail` of the `tail_bytes` before `at`. `skips`: within a line that is too
    long. `twin`: it is a copy of another file, and is read only for what that one lost. `idle` counts looks that found
    nothing new; `written` is when it was written last, as seen at the last look (nanoseconds since 1970)."""

    path: str
    at: int = 0
    size: int = 0
    head: str = ""
    head_bytes: int = 0
    tail: str = ""
    tail_bytes: int = 0
    skips: bool = False
    twin: bool = False
    idle: int = 0
    written: int = 0

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> Self:
        return cls(**held)

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (0, "", False)}

    def begins(self, handle: int) -> bool:
        """Whether a file begins as this one did."""
        return _print(handle, 0, self.head_bytes) == self.head

    def goes_on(self, handle: int) -> bool:
        """Whether a file is this one, as far as it was read."""
        return self.begins(handle) and _print(handle, self.at - self.tail_bytes, self.tail_bytes) == self.tail

    def ends_with(self, data: bytes) -> bool:
        """Whether these are the bytes just before the place."""
        return _digest(data) == self.tail

    def is_copied_by(self, handle: int) -> bool:
        """Whether a file is a copy of this one, as far as it was read; or of its first part, where that is long enough
        to be no chance."""
        if os.fstat(handle).st_size >= self.at:
            return self.at > 0 and self.goes_on(handle)
        return self.head_bytes == _HEAD and self.begins(handle)

    def moved(self, handle: int, at: int, *, skips: bool = False) -> "Place":
        """Read up to `at`."""
        head_bytes = min(_HEAD, at) if self.head_bytes < _HEAD else self.head_bytes
        tail_bytes = min(_TAIL, at)
        state = os.fstat(handle)
        return replace(
            self,
            at=at,
            size=state.st_size,
            written=state.st_mtime_ns,
            head=_print(handle, 0, head_bytes) if head_bytes != self.head_bytes else self.head,
            head_bytes=head_bytes,
            tail=_print(handle, at - tail_bytes, tail_bytes),
            tail_bytes=tail_bytes,
            skips=skips,
            idle=0,
        )


def _print(handle: int, begin: int, length: int) -> str:
    """Empty for nothing; another than any for what is not there."""
    if not length:
        return ""
    data = os.pread(handle, length, max(begin, 0))
    return _digest(data) if len(data) == length else "-"


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest() if data else ""
