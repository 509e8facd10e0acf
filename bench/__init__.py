"""Measured times and sizes: `make bench`, or `python -m bench [NAME ...]`. No absolute figure is asserted."""
