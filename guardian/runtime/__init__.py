"""The processes of Guardian: the embedded server, workers, beat, and the parent that keeps them running."""
