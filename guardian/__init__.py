"""AI System Guardian: a self-healing monitor for multi-agent AI systems."""

__version__ = "0.1.0"
