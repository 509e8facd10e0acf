"""The configuration: one TOML file, and the environment for secrets.

Every mistake is found at once, as file, key and reason. What checks and supervisors there are is handed in, so that
a new plug-in brings its own section. Reference: docs/config.md.
"""

from guardian.config.describe import example, reference, schema
from guardian.config.loading import load
from guardian.config.scanner import Scanner
from guardian.config.shape import (
    AlertChannel,
    Alerts,
    Brake,
    CheckSection,
    CheckSettings,
    Config,
    Digest,
    Escalation,
    Flapping,
    Heal,
    History,
    Incidents,
    Redis,
    Sections,
    Summary,
    Watch,
    Worker,
)
from guardian.config.source import find

__all__ = [
    "AlertChannel",
    "Alerts",
    "Brake",
    "CheckSection",
    "CheckSettings",
    "Config",
    "Digest",
    "Escalation",
    "Flapping",
    "Heal",
    "History",
    "Incidents",
    "Redis",
    "Scanner",
    "Sections",
    "Summary",
    "Watch",
    "Worker",
    "example",
    "find",
    "load",
    "reference",
    "schema",
]
