"""The policy as it is written: the table `[scanner]` of a TOML file, the configuration or one of its own.

Read with the standard library alone, since a scan has to begin in a moment. Every mistake is found at once.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from guardian.errors import ConfigError, ConfigFault
from guardian.scanner import hosts
from guardian.scanner.policy import UNREADABLE, AgentPolicy, Exemption, Policy

TABLE = "scanner"
ELSEWHERE = frozenset(
    {
        "quarantine_roots", "quarantine", "quarantine_files", "quarantine_bytes", "security_report",
        "security_report_bytes", "receipt_key", "receipt_key_file", "memory", "deep_directories", "deep_every",
    }
)  # fmt: skip
"""Keys of the table that are for the task alone."""

_RULE = re.compile(r"G[0-9]{3}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_LIMITS = ("allowlist", "max_bytes", "max_seconds", "max_nodes", "inline_comments", "exceptions")
_EXCEPTION = ("rule", "reason", "path", "sha256", "line", "expires")
_LARGEST_FILE = 2**20
_LONGEST_REASON = 500


def load(path: Path) -> Policy:
    """The policy that the file holds. Raises ConfigError, also where it has no such table."""
    document = read(path)
    if TABLE not in document:
        raise ConfigError([ConfigFault(str(path), TABLE, f"there is no table `[{TABLE}]` in this file")])
    return policy_of(document, path)


def read(path: Path) -> dict[str, Any]:
    """The file as TOML. Raises ConfigError."""
    import tomllib  # noqa: PLC0415  a scan without a policy of its own begins sooner

    try:
        if not path.is_file():  # a pipe would never end
            raise ValueError("there is no such file" if not path.exists() else "is no regular file")  # noqa: TRY301
        with path.open("rb") as file:
            content = file.read(_LARGEST_FILE + 1)
        if len(content) > _LARGEST_FILE:
            raise ValueError("is over 1 MiB: no policy")  # noqa: TRY301
        return tomllib.loads(content.decode("utf-8-sig"))
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
    except UnicodeDecodeError:
        reason = "is not UTF-8"
    except tomllib.TOMLDecodeError as error:
        reason = f"is not TOML: {error}"
    except RecursionError:
        reason = "is nested too deeply"
    except ValueError as error:
        reason = str(error)
    raise ConfigError([ConfigFault(str(path), "", reason)])


def policy_of(document: Mapping[str, Any], path: Path) -> Policy:
    """Of a whole document; the default where it has no such table. Raises ConfigError with every fault."""
    policy, faults = examined(document, str(path), str(path.absolute().parent))
    if faults:
        raise ConfigError(faults)
    return policy


def examined(document: Mapping[str, Any], file: str, base: str) -> tuple[Policy, Sequence[ConfigFault]]:
    """The policy without what is faulty, and the faults. `base`: where relative paths begin."""
    reader = _Reader(file, base)
    table = reader.table(document.get(TABLE, {}), TABLE)
    reader.known(table, TABLE, (*_LIMITS, "agents", *ELSEWHERE))
    policy = Policy(**reader.limits(table, TABLE), agents=reader.agents(table.get("agents", {}), f"{TABLE}.agents"))
    return policy, reader.faults


def exemption(entry: object, file: str, base: str, key: str) -> tuple[Exemption | None, Sequence[ConfigFault]]:
    """One exception as a baseline has it too."""
    reader = _Reader(file, base)
    return reader.exemption(entry, key), reader.faults


@dataclass
class _Reader:
    """Gathers the faults of one file."""

    file: str
    base: str
    faults: list[ConfigFault] = field(default_factory=list)

    def fault(self, key: str, reason: str) -> None:
        self.faults.append(ConfigFault(self.file, key, reason))

    def table(self, value: object, key: str) -> Mapping[str, Any]:
        if isinstance(value, Mapping):
            return value
        self.fault(key, "must be a table")
        return {}

    def known(self, table: Mapping[str, Any], key: str, names: Sequence[str]) -> None:
        for name in table.keys() - set(names):
            from difflib import get_close_matches  # noqa: PLC0415  only for a mistake

            close = get_close_matches(name, names, 1)
            self.fault(f"{key}.{name}", "there is no such key" + (f", did you mean `{close[0]}`?" if close else ""))

    def limits(self, table: Mapping[str, Any], key: str) -> dict[str, Any]:
        """The keys that a policy and an agent have in common, of those that are there and good."""
        readers: Mapping[str, Callable[[Any], Any]] = {
            "allowlist": _hosts,
            "max_bytes": _bytes,
            "max_seconds": _seconds,
            "max_nodes": _count,
            "inline_comments": _truth,
        }
        found = {}
        for name in readers.keys() & table.keys():
            try:
                found[name] = readers[name](table[name])
            except ValueError as error:
                self.fault(f"{key}.{name}", str(error))
        return {**found, "exceptions": self.exemptions(table.get("exceptions", []), f"{key}.exceptions")}

    def agents(self, value: object, key: str) -> Mapping[str, AgentPolicy]:
        found = {}
        for name, each in self.table(value, key).items():
            at = f"{key}.{name}"
            table = self.table(each, at)
            self.known(table, at, _LIMITS)
            found[name] = AgentPolicy(**self.limits(table, at))
        return found

    def exemptions(self, value: object, key: str) -> tuple[Exemption, ...]:
        if not isinstance(value, list | tuple):
            self.fault(key, "must be tables: `[[scanner.exceptions]]`")
            return ()
        read = (self.exemption(each, f"{key}[{number}]") for number, each in enumerate(value))
        return tuple(each for each in read if each is not None)

    def exemption(self, value: object, key: str) -> Exemption | None:
        before = len(self.faults)
        table = self.table(value, key)
        self.known(table, key, _EXCEPTION)
        found: dict[str, Any] = {}
        for name in _EXCEPTION:
            try:
                found[name] = _EXCEPTION_READERS[name](table.get(name))
            except ValueError as error:
                self.fault(f"{key}.{name}", str(error))
        if found.get("path") is None and found.get("sha256") is None:
            self.fault(key, "says of no file: give it a `path` or a `sha256`")
        elif found.get("rule") == UNREADABLE and found.get("sha256") is None:
            self.fault(key, f"{UNREADABLE} is excepted by content alone: give it a `sha256`")
        return Exemption(**found, base=self.base, source=self.file) if len(self.faults) == before else None


def _hosts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise ValueError("must be a list of hosts in quotes")
    found = []
    for each in value:
        try:
            found.append(hosts.entry(each))
        except ValueError as error:
            raise ValueError(f"`{each}` {error}") from None
    return tuple(dict.fromkeys(found))


def _bytes(value: object) -> int:
    from guardian.units import size_bytes  # noqa: PLC0415  as tomllib

    return _more_than_zero(size_bytes(value))


def _seconds(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 30:  # noqa: PLR2004
        raise ValueError("must be a number of seconds, more than 0 and at most 30")
    return float(value)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("must be a whole number")  # noqa: TRY004  one kind of error for what a person wrote
    return _more_than_zero(value)


def _more_than_zero(value: int) -> int:
    if value <= 0:
        raise ValueError("must be more than zero")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("must be `true` or `false`")  # noqa: TRY004  as above
    return value


def _matching(pattern: re.Pattern[str], words: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ValueError(f"must be {words}")
        return value

    return read


def _optional(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else read(value)


def _reason(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > _LONGEST_REASON:
        raise ValueError(f"must say why, in 1 to {_LONGEST_REASON} characters")
    return value.strip()


def _path(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError("must be a path in quotes; `*` stands for anything")
    return value if value == "*" or not value.startswith("~") else str(Path(value).expanduser())


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("must be a day, like 2027-03-31") from None


_EXCEPTION_READERS: Mapping[str, Callable[[Any], Any]] = {
    "rule": _matching(_RULE, "a rule's id, like `G205`"),
    "reason": _reason,
    "path": _optional(_path),
    "sha256": _optional(_matching(_SHA256, "64 small hexadecimal digits")),
    "line": _optional(_count),
    "expires": _optional(_day),
}
