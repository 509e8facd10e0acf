"""What several remedies have in common; no remedies."""
