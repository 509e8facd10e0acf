"""An executor with Guardian's client: `python executor.py STATE_DIRECTORY TASK_FOLDER WORKER`, until it is ended.

It knows the kinds `echo TEXT`, `sleep SECONDS` and `fail`.
"""

import sys
import time
from pathlib import Path

from guardian import client


def work(task: client.Claimed) -> str:
    if task.kind == "sleep":
        time.sleep(float(task.subject or 1))
    elif task.kind != "echo":
        raise ValueError(f"nobody here can {task.kind}")
    return task.subject or ""


def one(state: str, tasks: client.TaskFolder, worker: str) -> bool:
    """Whether there was one that might be done now."""
    answer = client.may_start_task(agent=worker, state=state)
    task = tasks.claim(worker) if answer else None
    client.heartbeat(worker, task.id if task else None, state=state)
    if task is None:
        client.withdraw(answer, state=state)
        return False
    try:
        ok, kept = True, tasks.finish(task, output=work(task))
    except ValueError as error:
        ok, kept = False, tasks.finish(task, failed=True, error=str(error))
    if kept:  # else it was given to another meanwhile
        client.report_result(worker, ok=ok, task=task.id, kind=task.kind, attempt=task.attempt, state=state)
        client.report_cost("example-model", cost="0.002", agent=worker, task=task.id, state=state)
    return True


def main() -> None:
    state, place, worker = sys.argv[1:]
    tasks = client.TaskFolder(Path(place))
    while True:
        if not one(state, tasks, worker):
            time.sleep(0.2)


if __name__ == "__main__":
    main()
