"""Rotating a log that another program keeps open: each line is in the log or in one archive, whatever dies."""
