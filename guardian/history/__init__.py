"""Guardian's past in SQL. Only `database`, `tables` and the migrations import SQLAlchemy."""
