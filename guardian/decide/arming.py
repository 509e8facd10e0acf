"""Whether Guardian acts at all: the configuration's word, or a person's word to the running Guardian."""

from datetime import datetime

from guardian.model import Arming, Mode


def mode_in_force(configured: Mode, written_at: datetime | None, arming: Arming | None) -> Mode:
    """The newer word counts: the command's, or that of a configuration file that says the mode and was written after
    it (`written_at` is None where it says nothing)."""
    if arming is None or (written_at is not None and written_at > arming.at):
        return configured
    return arming.mode
