"""A store on a real server beside a real database, and the feeding from one to the other by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Table, select

from guardian.history.database import Database
from guardian.history.rows import rows
from guardian.history.values import Cursor, Past
from tests.store.world import World

DAY = timedelta(days=1)


@dataclass
class Feeding:
    world: World
    database: Database

    @property
    def store(self) -> str:
        standing = self.world.store.past.standing()
        assert standing is not None
        return standing.id

    def feed(self, most: int = 1000) -> bool:
        """One slice; nothing is taken off the stream."""
        before = self.database.cursor(self.store)
        found = self.world.store.past.entries(before.entry if before else None, most)
        last = found[-1]
        after = Cursor(last[0], int(last[1]["n"]), self.world.now)
        return self.database.feed(self.store, before, after, rows(self.store, found), None, self.world.now)

    def all(self, table: Table) -> Sequence[Any]:
        with self.database._engine.connect() as connection:
            return connection.execute(select(table)).all()

    def past(self) -> Past:
        now = self.world.now
        return self.database.past(now - DAY, now + DAY)
