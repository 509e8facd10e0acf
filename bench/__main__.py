"""`python -m bench [NAME ...] [--n N]`: run the benches named, else all, and print their tables."""

import argparse
import signal
import sys

from bench import crash, footprint, poll, reader, rotation, scan, scan_cost, scanners

_DEFAULT = crash.CRASHES


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="poll, footprint, crash, scan, scanners, scan_cost, rotation, reader; all where none is named",
    )
    parser.add_argument(
        "--n",
        type=int,
        default=_DEFAULT,
        help=f"crashes per row of `crash`, a fifth in its slow ones (default {_DEFAULT})",
    )
    given = parser.parse_args()
    benches = {
        "poll": poll.run,
        "footprint": footprint.run,
        "crash": lambda: crash.run(given.n),
        "scan": scan.run,
        "scanners": scanners.run,
        "scan_cost": scan_cost.run,
        "rotation": rotation.run,
        "reader": reader.run,
    }
    if unknown := set(given.names) - benches.keys():
        parser.error(f"no bench is called {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as Ctrl-C: everything is ended
    for name in given.names or benches:
        print(benches[name](), end="\n\n", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
