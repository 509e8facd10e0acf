"""What the commands share; no commands."""
