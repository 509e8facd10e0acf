"""Guardian's processes as `guardian up` keeps them, but for the server, with the test's plug-in in each of them.

`python -m tests.faults.program FOLDER PART...`: FOLDER holds guardian.toml; a part is `beat`, `listener`, `watch`, or a
worker's role with an optional number behind it (`act`, `all-3`). Each writes its process id to FOLDER/PART.pid. While
there is a file FOLDER/PART.held, a part that was started does nothing.
"""

import os
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from guardian import services
from guardian.app import Role
from guardian.runtime import journal, statedir, supervise
from guardian.runtime.beat import run_beat
from guardian.runtime.listener import run_listener
from guardian.runtime.node import run_worker
from guardian.runtime.statedir import redis_url
from guardian.runtime.supervise import Forked, Lifeline, Supervisor
from guardian.runtime.up import preload
from guardian.runtime.watch import run_watch
from tests.faults import plugin


def main(folder: Path, parts: list[str]) -> None:
    supervise.FIRST_DELAY = supervise.LONGEST_DELAY = timedelta(seconds=0.3)
    state = statedir.prepare(folder / "state")
    config = services.load_config(folder / "guardian.toml")
    url = redis_url(config, state)
    journal.begin(None)
    app = preload(config, url, state)
    plugin.install(app, folder)

    def run(part: str) -> int:
        (folder / f"{part}.pid").write_text(str(os.getpid()))
        while (folder / f"{part}.held").exists():
            time.sleep(0.1)
        if part == "watch":
            return run_watch(config, url, state)
        store = services.open_store(config, url, state)
        if part == "beat":
            return run_beat(app, config, store)
        if part == "listener":
            return run_listener(app, config, store, state)
        return run_worker(app, config, store, Role(part.partition("-")[0]))

    with closing(Lifeline()) as lifeline:
        stage = [Forked(part, lambda part=part: run(part), lifeline) for part in parts]  # type: ignore[misc]
        Supervisor([stage]).run(lambda: None, timedelta(seconds=0.2))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
