"""`guardian scan PATH...` with no option: what the command does then, without click.

It is asked before every script; click takes as long to load as the scan itself. The same words with an option give
the same by the command, so what an option defaults to stands in the functions that both call.
"""

from collections.abc import Sequence


def run(paths: Sequence[str]) -> int:
    """The exit code."""
    from guardian.cli.shared import scan_shown, scanning

    try:
        policy, source = scanning.policy()
        return scan_shown.show(scanning.scan(paths, policy), policy, source)
    except KeyboardInterrupt:
        from guardian.cli.shared.lines import err
        from guardian.cli.shared.refused import INTERRUPTED

        err("")  # closes the line of the terminal's ^C
        return INTERRUPTED
    except Exception as error:
        from guardian.cli.shared.refused import explained
        from guardian.errors import GuardianError

        if not isinstance(error, GuardianError):
            raise
        return explained(error)
