"""What the remedies have in common; no plug-in."""
