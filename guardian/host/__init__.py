"""This machine: what runs on it."""
