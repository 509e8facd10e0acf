"""What several checks use; no plug-ins."""
