"""What could not be read."""

from guardian.scanner.report import Rule, Severity
from guardian.scanner.rules.base import Entry

RULES = (
    Rule(
        "G001",
        "unreadable",
        Severity.BLOCK,
        "high",
        693,
        "a script that cannot be read, parsed or finished within the limits",
        "what nobody could read to its end may do anything",
        "x = (  # never closed",
        "send a script that Python itself can parse, below the size limit",
    ),
)
ENTRIES: dict[str, Entry] = {}
IMPORTS: dict[str, str] = {}
