"""The users' work queues: one file for each kind, and what looks at all of them at once."""
