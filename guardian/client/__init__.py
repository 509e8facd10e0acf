"""What executors and orchestrators import. Quick to load: Celery and the configuration come at first use."""
