"""Scans: what was not allowed, and how many there were."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "guardian_scans",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=True),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
    )
    op.create_index("guardian_scans_at", "guardian_scans", ["at"])
    op.create_table(
        "guardian_scan_counts",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("store", sa.Text(), primary_key=True),
        sa.Column("agent", sa.Text(), primary_key=True),
        sa.Column("what", sa.Text(), primary_key=True),
        sa.Column("count", sa.BigInteger(), nullable=False),
    )
