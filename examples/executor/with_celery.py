"""An executor that knows nothing of Guardian but where its Redis is and how the task is called.

    python with_celery.py STATE_DIRECTORY SCRIPT [ARGUMENT ...]

Needs celery[redis] alone. It sends the source and runs the same bytes, so that nobody can change the file in between.
"""

import json
import subprocess
import sys
from pathlib import Path

from celery import Celery

WAIT = 30


def application(state: Path) -> Celery:
    at = json.loads((state / "client.json").read_text())  # written by `guardian up`, for this user only
    url = at["url"].replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    options = {"global_keyprefix": at["prefix"]}
    app = Celery("executor", broker=url, backend=url)
    app.conf.update(broker_transport_options=options, result_backend_transport_options=options)
    return app


def fit(app: Celery, source: str, name: str) -> bool:
    """No answer is no."""
    try:
        sent = app.send_task(
            "guardian.scan", kwargs={"source": source, "filename": name, "agent": "executor"}, queue="scan"
        )
        report = sent.get(timeout=WAIT)
    except Exception as error:
        print(f"not run, no answer: {error}", file=sys.stderr)
        return False
    for found in report["findings"]:
        print(f"{name}:{found['line']}: {found['rule']} {found['message']}", file=sys.stderr)
    return bool(report["verdict"] == "allow")


def main() -> int:
    state, script, *arguments = sys.argv[1:]
    source = Path(script).read_text(encoding="utf-8")
    if not fit(application(Path(state)), source, script):
        return 1
    command = [sys.executable, "-I", "-c", source, *arguments]
    return subprocess.run(command, check=False, timeout=600).returncode


if __name__ == "__main__":
    sys.exit(main())
