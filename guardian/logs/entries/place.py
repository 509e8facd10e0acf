"""How far a file was read, and how it is known again: by its inode, and by what stood at three places of it."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

MARK = 256
"""Bytes of a fingerprint: of the begin, of what is before the place, and of the end as it was seen."""


@dataclass(frozen=True)
class Place:
    """`key` is its inode, `path` where it was seen last, `at` the next byte to read, `size` how large it was then;
    `head`, `tail` and `end` are fingerprints of its first bytes, of those before `at` and of those before `size`.
    `skips`: within a line that is too long. `twin`: it is not read, as a copy of what is. `idle` counts looks without
    news; `written` is when it was written last (nanoseconds since 1970)."""

    key: str
    path: str
    at: int = 0
    size: int = 0
    head: str = ""
    tail: str = ""
    end: str = ""
    skips: bool = False
    twin: bool = False
    idle: int = 0
    written: int = 0

    @classmethod
    def of(cls, held: Mapping[str, Any]) -> Self:
        return cls(**held)

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (0, "", False)}

    @property
    def unread(self) -> int:
        return 0 if self.twin else self.size - self.at

    def seen(self, handle: int, path: str) -> "Place":
        """As the file is now. Whoever knew it before asks then whether it still `goes_on`."""
        state = os.fstat(handle)
        return replace(
            self,
            path=path,
            size=state.st_size,
            written=state.st_mtime_ns,
            head=_print(handle, 0, min(MARK, state.st_size)),
            end=_before(handle, state.st_size),
            idle=self.idle + 1 if state.st_size == self.size else 0,
        )

    def moved(self, handle: int, at: int, *, skips: bool = False) -> "Place":
        """Read up to `at`."""
        return replace(self, at=at, tail=_before(handle, at), skips=skips)

    def goes_on(self, handle: int) -> bool:
        """Whether a file is this one, perhaps with more at its end."""
        return os.fstat(handle).st_size >= self.size and all(self._marks(handle, self.size))

    def is_copied_by(self, handle: int) -> bool:
        """Whether a file is a copy of this one; or of its first part, where that is long enough to be no chance."""
        size = os.fstat(handle).st_size
        known = size >= MARK if self.size >= MARK else size >= self.size > 0
        return known and all(self._marks(handle, size))

    def ends_with(self, data: bytes) -> bool:
        """Whether these are the bytes just before the place."""
        return _digest(data) == self.tail

    def _marks(self, handle: int, size: int) -> list[bool]:
        """Those that lie within the first `size` bytes, and whether each is there."""
        return [
            _print(handle, 0, min(MARK, self.size)) == self.head,
            self.at > size or _before(handle, self.at) == self.tail,
            self.size > size or _before(handle, self.size) == self.end,
        ]


def _before(handle: int, at: int) -> str:
    return _print(handle, max(at - MARK, 0), min(MARK, at))


def _print(handle: int, begin: int, length: int) -> str:
    """Empty for nothing; another than any for what is not there."""
    if not length:
        return ""
    data = os.pread(handle, length, begin)
    return _digest(data) if len(data) == length else "-"


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=12).hexdigest() if data else ""
