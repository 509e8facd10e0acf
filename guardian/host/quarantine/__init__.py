"""Scripts set aside whole, until a person releases them. POSIX only.

One folder for each: `script` (mode 0400) and `report.json`. The script is moved, never copied over another and never
deleted: whatever dies in between, it is at one of the two places, and the next try goes on from there.
"""

from guardian.host.quarantine.place import Entry, Place
from guardian.host.quarantine.release import release
from guardian.host.quarantine.take import Taken, take

__all__ = ["Entry", "Place", "Taken", "release", "take"]
