"""Telling people: the texts, the channels they go through, and the escalation task files."""
