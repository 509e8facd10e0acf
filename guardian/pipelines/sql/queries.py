"""The statements, out of the configured names: nothing is asked about the table beforehand.

Values go in without a type, so that the database fits them to its own columns: an id may be a number there, a time
text. What is compared before a change is each column as text, so that it need not be known what it is.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import Select, Text, Update, and_, bindparam, cast, column, select, table, update
from sqlalchemy.types import NullType

from guardian.pipelines.shared.fields import Names
from guardian.pipelines.shared.readings import OPEN
from guardian.ports import PipelineTask

_COMPARED = ("state", "worker", "state_since", "heartbeat_at", "retries", "attempt")
_AS_TEXT = "as_text_"


@dataclass(frozen=True)
class Queries:
    """`table` may be `schema.table`."""

    table: str
    names: Names

    def open(self, most: int) -> Select[Any]:
        return self._all.where(self._column("state").in_(self._open_names)).limit(most)

    def others(self, most: int) -> Select[Any] | None:
        """Of other states, the newest first; None where nobody can tell which are."""
        if not self._there("created_at"):
            return None
        no_more = self._column("state").not_in(self._open_names)
        return self._all.where(no_more).order_by(self._column("created_at").desc()).limit(most)

    def one(self, task: str) -> Select[Any]:
        return self._all.where(self._column("id") == _value("id", task)).limit(2)

    def update(self, seen: PipelineTask, values: Mapping[str, Any]) -> Update:
        """Changes what is as it was seen, else nothing."""
        conditions = [self._column("id") == _value("id", seen.id)]
        conditions += [self._is_still(name, text) for name, text in json.loads(seen.version).items()]
        new = {key: _value(f"new_{number}", _plain(value)) for number, (key, value) in enumerate(values.items())}
        return update(self._table).where(and_(*conditions)).values(new)

    def data(self, row: Any) -> Mapping[str, Any]:
        """A row as its columns are called."""
        return {key: row[name] for name, key in self.names.fields.items() if key}

    def version(self, row: Any) -> str:
        return json.dumps({name: row[_AS_TEXT + name] for name in _COMPARED if self._there(name)})

    def _is_still(self, name: str, text: str | None) -> Any:
        if text is None:
            return self._column(name).is_(None)
        return cast(self._column(name), Text) == text

    @cached_property
    def _table(self) -> Any:
        schema, _, name = self.table.rpartition(".")
        columns = dict.fromkeys(key for key in self.names.fields.values() if key)
        return table(name, *(column(key) for key in columns), schema=schema or None)

    @cached_property
    def _all(self) -> Select[Any]:
        plain = [self._column(name).label(name) for name in self.names.fields if self._there(name)]
        texts = [cast(self._column(name), Text).label(_AS_TEXT + name) for name in _COMPARED if self._there(name)]
        return select(*plain, *texts)

    @property
    def _open_names(self) -> Any:
        """Each as it is given, in capitals, and with one: an index is of no use to a comparison that ignores case."""
        given = [name for state in OPEN for name in self.names.states[state]]
        written = dict.fromkeys(form for name in given for form in (name, name.upper(), name.capitalize()))
        return [_value(f"open_{number}", name) for number, name in enumerate(written)]

    def _there(self, name: str) -> bool:
        return bool(self.names.fields.get(name))

    def _column(self, name: str) -> Any:
        return self._table.c[self.names.fields[name]]


def _value(name: str, value: Any) -> Any:
    return bindparam(name, value, type_=NullType())


def _plain(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list) else value
