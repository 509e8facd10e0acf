"""The worker's container: its entry point. No logic; nothing imports it; not in the wheel."""
