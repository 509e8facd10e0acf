"""For all tests: machines here are shared, so no example fails for being slow."""

from hypothesis import settings

settings.register_profile("shared-machine", deadline=None, print_blob=True)
settings.load_profile("shared-machine")
