"""Alembic's migrations, applied by whoever feeds. To add one: a new file in versions/, and tables.HEAD."""
