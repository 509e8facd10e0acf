"""An orchestrator with Guardian's client: `python orchestrator.py STATE_DIRECTORY TASK_FOLDER BACKLOG`.

Each line of the backlog, `KIND SUBJECT`, becomes a task of the folder: when nothing is paused, and once a day.
"""

import sys
import time
from pathlib import Path

from guardian import client


def main() -> None:
    state, place, backlog = sys.argv[1:]
    tasks = client.TaskFolder(Path(place))
    for number, line in enumerate(Path(backlog).read_text(encoding="utf-8").splitlines(), 1):
        kind, _, subject = line.partition(" ")
        id_ = f"{time.strftime('%Y%m%d')}-{number}"
        answer = client.may_start_task(kind=kind, subject=subject, task=id_, state=state)
        while not answer and answer.cause != "duplicate":
            print(f"{id_} waits: {answer.reason}", flush=True)
            time.sleep(1)
            answer = client.may_start_task(kind=kind, subject=subject, task=id_, state=state)
        created = answer and tasks.add(id_, kind=kind, subject=subject)
        print(f"{id_} is {'created' if created else f'left out: {answer.reason}'}", flush=True)


if __name__ == "__main__":
    main()
