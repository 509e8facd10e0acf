"""What stands in the way of a scan."""


class Limit(Exception):  # noqa: N818  named for what happened
    """The script is beyond a limit; the text says which."""
