"""Run by Alembic for each command: over the connection and in the transaction of guardian.history.schema."""

from alembic import context

from guardian.history.tables import METADATA, VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
