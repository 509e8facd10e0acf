"""What a scan costs whoever asks: a whole process beside bandit's, and the task beside one that does nothing on the
same worker."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from guardian.client.connection import address, application
from tests.runtime.running import guardian

PROCESSES, TRIPS, WARM_UP, PAUSE = 15, 300, 30, 0.01
PROCESS_TARGET, TASK_TARGET = 0.5, 1.3

_BIN = Path(sys.executable).parent
_LINE = "    total += sum(value * {number} for value in values if value > {number})\n"


def script(number: int) -> str:
    """Sixty lines as an agent writes them, and no two alike."""
    head = f'"""Report {number}."""\n\nimport json\nfrom pathlib import Path\n\n\n'
    head += f"def report(values):\n    total = {number}\n"
    tail = '    Path("out.json").write_text(json.dumps({"total": total}))\n    return total\n\n\n'
    tail += "print(report([1, 2, 3]))\n"
    return head + "".join(_LINE.format(number=number + line) for line in range(47)) + tail


def _trip(act: Callable[[], object]) -> float:
    """From rest: what the one before has done when its answer is out is no part of this one."""
    time.sleep(PAUSE)
    return _seconds(act)


def _seconds(act: Callable[[], object]) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def processes() -> tuple[float, float]:
    """Median seconds of `guardian scan FILE` and of `bandit FILE`, taken in turn."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "script.py"
        path.write_text(script(1), encoding="utf-8")

        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

        def command(*words: str) -> Callable[[], object]:
            return lambda: subprocess.run(
                [*words, str(path)], cwd=folder, env=environ, capture_output=True, check=True, timeout=60
            )

        ours, theirs = command(str(_BIN / "guardian"), "scan"), command(str(_BIN / "bandit"), "-q")
        ours(), theirs()
        pairs = [(_seconds(ours), _seconds(theirs)) for _ in range(PROCESSES)]
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


def trips() -> tuple[Sequence[float], ...]:
    """Seconds of a no-op, of the scan of a script that was never seen, of a new one that is a number alone (the floor:
    the same way through the same child, and nothing to read), and of one seen before; in turn, one worker."""
    folder = Path(tempfile.mkdtemp(prefix="bench-"))
    try:
        with guardian(folder, "up") as running:
            running.wait_until_up()
            app = application(address(running.state))

            def noop() -> object:
                sent = app.send_task("celery.accumulate", args=(1,), queue="scan", ignore_result=False)
                return sent.get(timeout=30)

            def scan(source: str) -> object:
                kwargs = {"source": source, "filename": "script.py"}
                return app.send_task("guardian.scan", kwargs=kwargs, queue="scan").get(timeout=30)

            seen = partial(scan, script(0))
            found = [
                [_trip(each) for each in (noop, partial(scan, script(number)), partial(scan, f"{number}\n"), seen)]
                for number in range(WARM_UP + TRIPS)
            ][WARM_UP:]
            running.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return tuple([each[part] for each in found] for part in range(4))


def run() -> str:
    ours, theirs = processes()
    nothing, new, floor, known = (statistics.median(each) for each in trips())
    return "\n".join(
        (
            f"A script of 60 lines, whole process (median of {PROCESSES}, in turn)",
            f"  guardian scan FILE {ours * 1e3:7.0f} ms",
            f"  bandit FILE        {theirs * 1e3:7.0f} ms   ratio {ours / theirs:.2f} (at most {PROCESS_TARGET})",
            f"scan.delay().get() beside a task that does nothing (median of {TRIPS}, in turn, same worker)",
            f"  nothing            {nothing * 1e3:7.2f} ms",
            f"  a new script       {new * 1e3:7.2f} ms   ratio {new / nothing:.2f} (at most {TASK_TARGET})",
            f"  an empty script    {floor * 1e3:7.2f} ms   ratio {floor / nothing:.2f} (the floor: the child alone)",
            f"  one seen before    {known * 1e3:7.2f} ms   ratio {known / nothing:.2f}",
            f"  {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}",
        )
    )


if __name__ == "__main__":
    print(run())
