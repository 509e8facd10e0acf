"""The page docs/your-own-checks.md, followed step by step as a reader would: its files written, its commands typed.

A command without output below it is typed once, and must succeed. One with output is typed until it says that (`...`
stands for anything), since Guardian needs some seconds. `guardian up` is the second terminal.
"""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from guardian.runtime.statedir import client
from tests.runtime.running import wait_for

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "your-own-checks.md").read_text(encoding="utf-8")
EXAMPLE = ROOT / "examples" / "own-checks"

_BLOCK = re.compile(r"(?:^`(?P<file>[\w./]+)`:\n\n)?^```(?P<kind>\w+)\n(?P<text>.*?)^```$", re.DOTALL | re.MULTILINE)


class Reader:
    """Somebody in an empty folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._up: subprocess.Popen[bytes] | None = None
        kept = {key: value for key, value in os.environ.items() if not key.startswith("GUARDIAN_")}
        self._environ = kept | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def type_all(self, text: str) -> None:
        for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
            line, _, output = step.partition("\n")
            if line == "guardian up":
                self.start()
            elif output:
                wait_for(f"{line} says {output}", lambda line=line, output=output: self._says(line, output), 90)
            else:
                assert self._typed(line).returncode == 0, line

    def start(self) -> None:
        self.end()
        with (self.folder / "up.log").open("ab") as log:
            self._up = subprocess.Popen(
                [sys.executable, "-c", "from guardian.cli.main import main; main()", "up"],
                cwd=self.folder, env=self._environ, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        wait_for("Guardian is up", lambda: client(self.folder / ".guardian"), 60)

    def end(self) -> None:
        if self._up is not None:
            children = psutil.Process(self._up.pid).children(recursive=True)
            self._up.send_signal(signal.SIGINT)
            assert self._up.wait(60) == 0, (self.folder / "up.log").read_text()
            psutil.wait_procs(children, 30)
        self._up = None

    def _typed(self, line: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["/bin/sh", "-c", line], cwd=self.folder, env=self._environ, capture_output=True, text=True,
            timeout=100, check=False,
        )  # fmt: skip

    def _says(self, line: str, output: str) -> bool:
        self.said = self._typed(line).stdout
        pattern = ".*".join(re.escape(part) for part in output.strip().split("..."))
        return re.fullmatch(pattern, self.said.strip(), re.DOTALL) is not None


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    made = Reader(tmp_path)
    try:
        yield made
    finally:
        made.end()


@pytest.mark.timeout(300)
def test_the_page_can_be_followed(reader: Reader) -> None:
    blocks = list(_BLOCK.finditer(PAGE))
    assert {block["kind"] for block in blocks} == {"sh", "toml", "python", "console"}
    for block in blocks:
        if block["kind"] == "console":
            reader.type_all(block["text"])
        else:
            assert block["file"], f"a block without a file's name: {block['text'][:50]}"
            reader.write(block["file"], block["text"])


@pytest.mark.parametrize("name", ["backlog.sh", "drain.sh", "checks/stale_lock.py"])
def test_its_files_are_those_of_the_example(name: str) -> None:
    (shown,) = [block["text"] for block in _BLOCK.finditer(PAGE) if block["file"] == name]
    assert shown == (EXAMPLE / name).read_text(encoding="utf-8")
    assert os.access(EXAMPLE / name, os.X_OK) == name.endswith(".sh")


def test_the_example_is_in_order() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "guardian", "config", "check", "--config", str(EXAMPLE / "guardian.toml")],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert (done.returncode, "command.inbox, stale_lock" in done.stdout) == (0, True), done.stdout
