"""Guardian's live state in Redis: what is open, due, cooling down, and what the last looks said."""
