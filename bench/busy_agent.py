"""`python -m bench.busy_agent ROLE FOLDER`: one agent of the busy scene, until it is ended.

`orchestrator` hands out a task a second and keeps a log, `validator` says of each second whether the work passed, and
`dashboard` answers HTTP. The executor is that of `examples/`.
"""

import itertools
import json
import random
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from guardian import client

PASS_RATE = 0.9
CHATTER = "x" * 200
LINES_A_SECOND = 100


def orchestrator(folder: Path) -> None:
    """Each task is also an item of the inbox, where as many are taken."""
    tasks, inbox = client.TaskFolder(folder / "tasks"), folder / "inbox"
    for number in itertools.count():
        id_ = f"{time.time():.0f}-{number}"
        print(f"hands out {id_}", flush=True)
        if client.may_start_task(kind="echo", subject=id_, task=id_, state=folder / "state"):
            tasks.add(id_, kind="echo", subject=id_)
        (inbox / f"{id_}.json").write_text("{}")
        for item in sorted(inbox.iterdir())[:-5]:
            item.unlink()
        time.sleep(1)


def validator(folder: Path) -> None:
    """Its own log grows by 20 kB a second, and is turned over under it."""
    chance = random.Random(1)
    with (folder / "validation.jsonl").open("a") as results:
        for number in itertools.count():
            line = {"time": time.time(), "agent": f"executor-{number % 2 + 1}", "validator": "v", "id": number}
            results.write(json.dumps({**line, "passed": chance.random() < PASS_RATE}) + "\n")
            results.flush()
            for _ in range(LINES_A_SECOND):
                print(CHATTER, flush=True)
            time.sleep(1)


def dashboard(folder: Path) -> None:
    """Its port is in the file `port`, the same one at each start."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"db": {"status": "ok"}}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", int((folder / "port").read_text())), Page).serve_forever()


if __name__ == "__main__":
    {each.__name__: each for each in (orchestrator, validator, dashboard)}[sys.argv[1]](Path(sys.argv[2]))
