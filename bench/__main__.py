"""`python -m bench [NAME ...] [--n N]`: run the benches named, else all, and print their tables.

A bench is a module of this folder with a function `run` that gives its table.
"""

import argparse
import importlib
import pkgutil
import signal
import sys
from collections.abc import Callable, Mapping
from functools import partial

import bench
from bench import crash


def benches(crashes: int) -> Mapping[str, Callable[[], str]]:
    names = sorted(info.name for info in pkgutil.iter_modules(bench.__path__) if info.name != "__main__")
    modules = {name: importlib.import_module(f"bench.{name}") for name in names}
    found = {name: module.run for name, module in modules.items() if hasattr(module, "run")}
    return {**found, "crash": partial(crash.run, crashes)}


def main() -> None:
    known = benches(crash.CRASHES)
    parser = argparse.ArgumentParser(prog="python -m bench", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(known)}; all where none is named")
    parser.add_argument(
        "--n",
        type=int,
        default=crash.CRASHES,
        help=f"crashes per row of `crash`, a fifth in its slow ones (default {crash.CRASHES})",
    )
    given = parser.parse_args()
    if unknown := set(given.names) - known.keys():
        parser.error(f"no bench is called {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as Ctrl-C: everything is ended
    for name in given.names or known:
        print(benches(given.n)[name](), end="\n\n", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
