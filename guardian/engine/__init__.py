"""Joins looking, deciding, acting and telling with the store. Knows no Celery: tasks, CLI and page call it."""
