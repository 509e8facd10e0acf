"""The commands: one file a command, each with its `COMMAND`."""
