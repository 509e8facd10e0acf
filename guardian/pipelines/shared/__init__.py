"""What the task stores have in common; no plug-in. The client imports it: standard library alone, and the ports."""
