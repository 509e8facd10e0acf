"""A real Docker engine for the tests, with base images out of the machine's own package source: no image registry.

Everything of it is below `.test-tools/engine` and one folder in /tmp; it touches no engine that the machine may have,
and no firewall rule. What it made is kept between runs, so that only the first one takes minutes.
"""

import ctypes
import fcntl
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from tests import debian
from tests.real_pm2 import wait_for

ROOT = Path(__file__).parents[2]
SKIP = "GUARDIAN_SKIP_CONTAINERS"
"""Set it where no engine can run: the tests are skipped then, and say so."""

PYTHON, REDIS = "python:3.13-slim-trixie", "redis:8"
IMAGES = {"ai-system-guardian": "worker/Dockerfile", "ai-system-guardian-beat": "beat/Dockerfile"}

_HOME = ROOT / ".test-tools" / "engine"
_DEBIAN_PACKAGES = {"dockerd": "docker.io", "debootstrap": "debootstrap"}
_SUITE = "trixie"
_INCLUDE = "ca-certificates,python3,python3-venv,redis-server"
_BASES = {
    PYTHON: "FROM {base}\nRUN ln -s /usr/bin/python3 /usr/local/bin/python\n",
    REDIS: "FROM {base}\nRUN install -d -o redis -g redis /data\nWORKDIR /data\nVOLUME /data\n",
}
_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_PIP_KEYS = {"index-url", "extra-index-url", "trusted-host", "proxy", "default-timeout", "timeout", "retries"}


def run(
    *command: object,
    seconds: float = 60,
    more: Mapping[str, str] | None = None,
    text: str | None = None,
    codes: Container[int] = (0,),
) -> str:
    """What it printed. A command that fails is an AssertionError with its last words."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, env=os.environ | (more or {}), input=text, capture_output=True, text=True, timeout=seconds, check=False
    )
    assert done.returncode in codes, f"{' '.join(words)}: {done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def require() -> None:
    """Have the machine's packages, or fail and say why; skip where the variable allows it."""
    if reason := _hindrance():
        if os.environ.get(SKIP):
            pytest.skip(f"{SKIP} is set, and no engine can run: {reason}")
        pytest.fail(f"no Docker engine can run here: {reason}. Set {SKIP}=1 to go without these tests", pytrace=False)


def _hindrance() -> str | None:
    if sys.platform != "linux":
        return f"this is {sys.platform}, not Linux"
    if os.geteuid() != 0:
        return "the tests do not run as root"
    return debian.hindrance(_DEBIAN_PACKAGES)


class Engine:
    """One dockerd. `folder` has its socket, what it needs while it runs, and its log."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = f"unix://{folder}/docker.sock"
        self.daemon: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        _end_leftover()
        _HOME.mkdir(parents=True, exist_ok=True)
        options = {"host": self.host, "data-root": _HOME / "data", "exec-root": self.folder / "run", "bridge": "none"}
        options |= {"pidfile": _HOME / "docker.pid", "storage-driver": "overlay2", "ip-forward": "false"}
        options |= {"iptables": "false", "ip6tables": "false"}
        with (self.folder / "log").open("wb") as log:
            self.daemon = subprocess.Popen(
                [str(debian.program("dockerd")), *(f"--{key}={value}" for key, value in options.items())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509  nobody else forks here
            )
        wait_for(f"dockerd answers: {self._words()}", self._answers, 60)
        self.clear()

    def docker(self, *command: object, seconds: float = 60, text: str | None = None) -> str:
        docker = "/usr/bin/docker" if Path("/usr/bin/docker").exists() else "docker"
        return run(docker, "--host", self.host, *command, seconds=seconds, text=text, more={"DOCKER_BUILDKIT": "1"})

    def build(self, name: str, file: str, context: object = "-", *options: object) -> None:
        """With the machine's network for what is installed in it."""
        given = ["--network=host", "--quiet", "--tag", name, *options]
        if context == "-":
            self.docker("build", *given, "-", seconds=600, text=file)
        else:
            self.docker("build", *given, "--file", file, context, seconds=600)

    def clear(self) -> None:
        """No container, network or volume of an earlier run."""
        for kind, show, remove in (
            ("container", ["ls", "-aq"], ["rm", "-f", "-v"]),
            ("network", ["ls", "-q", "--filter", "type=custom"], ["rm"]),
            ("volume", ["ls", "-q"], ["rm", "-f"]),
        ):
            if found := self.docker(kind, *show).split():
                self.docker(kind, *remove, *found)

    def stop(self) -> None:
        """Ends what it started, itself, and its mounts."""
        if self.daemon is not None:
            self.daemon.terminate()
            try:
                self.daemon.wait(60)
            finally:
                self.daemon.kill()
        left = mounts(self.folder, _HOME)
        for place in left:
            run("umount", place)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        assert self.daemon is not None
        assert self.daemon.poll() is None, self._words()
        with suppress(AssertionError):
            return bool(self.docker("version", "--format", "{{.Server.Version}}"))
        return False

    def _words(self) -> str:
        return (self.folder / "log").read_text(errors="replace")[-3000:]


def mounts(*folders: Path) -> list[str]:
    """The innermost first."""
    places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    found = [place for place in places if any(Path(place).is_relative_to(folder) for folder in folders)]
    return sorted(found, key=len, reverse=True)


def _end_leftover() -> None:
    """The engine of a run that was killed still holds the folder."""
    with suppress(OSError, ValueError, psutil.Error):
        process = psutil.Process(int((_HOME / "docker.pid").read_text()))
        if f"--data-root={_HOME / 'data'}" in process.cmdline():
            process.terminate()
            process.wait(60)


def _die_with_parent() -> None:
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)


def make_images(engine: Engine) -> None:
    """The base images under the names that the Dockerfiles and the compose file use, and Guardian's on them."""
    recipe = hashlib.sha256(repr((_SUITE, _INCLUDE, _BASES)).encode()).hexdigest()[:12]
    for name, file in _BASES.items():
        if _label(engine, name) != recipe:
            engine.build(name, file.format(base=_base(engine, recipe)), "-", f"--label=recipe={recipe}")
    secrets = _pip_secrets(engine.folder)
    for name, file in IMAGES.items():
        engine.build(name, str(ROOT / file), ROOT, *(secrets if file.startswith("worker") else ()))


def _label(engine: Engine, image: str) -> str | None:
    with suppress(AssertionError):
        return engine.docker("image", "inspect", "--format", '{{index .Config.Labels "recipe"}}', image).strip()
    return None


def _base(engine: Engine, recipe: str) -> str:
    name = f"guardian-test-base:{recipe}"
    if name not in engine.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split():
        root = Path(tempfile.mkdtemp(prefix="root-", dir=_HOME))
        try:
            run("debootstrap", "--variant=minbase", f"--include={_INCLUDE}", _SUITE, root, *_mirror(), seconds=600)
            with subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE) as tar:
                subprocess.run(
                    ["/usr/bin/docker", "--host", engine.host, "import", "-", name],
                    stdin=tar.stdout, check=True, timeout=120, stdout=subprocess.DEVNULL,
                )  # fmt: skip
        finally:
            shutil.rmtree(root)
    return name


def _mirror() -> list[str]:
    """Debian's archive as this machine's apt has it."""
    form = "$(ORIGIN)/$(LABEL) $(REPO_URI)"
    lines = run("apt-get", "indextargets", "--format", form, "Created-By: Packages").splitlines()
    found = [uri for name, _, uri in (line.partition(" ") for line in lines) if name == "Debian/Debian"]
    return found[:1]


def _pip_secrets(folder: Path) -> list[str]:
    """This machine's way to its package index; no layer of the image keeps it."""
    lines = []
    for line in run(sys.executable, "-m", "pip", "config", "list").splitlines():
        found = re.fullmatch(r"[^.]+\.([\w-]+)='(.*)'", line.replace(":env:.", "env."))
        if found and found[1] in _PIP_KEYS and "file:" not in found[2]:
            lines.append(f"{found[1]} = {found[2]}")
    secrets = []
    if _CERTIFICATES.exists():
        lines.append("cert = /run/secrets/ca")
        secrets.append(f"--secret=id=ca,src={_CERTIFICATES}")
    file = folder / "pip.conf"
    file.write_text("\n".join(["[global]", *dict.fromkeys(lines), ""]))
    return [*secrets, f"--secret=id=pip_conf,src={file}"]


@contextmanager
def running_engine() -> Iterator[Engine]:
    """One at a time, whoever else tests here."""
    require()
    _HOME.mkdir(parents=True, exist_ok=True)
    with (_HOME / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        engine = Engine(Path(tempfile.mkdtemp(prefix="engine-", dir="/tmp")))  # short: a socket's path must be
        try:
            engine.start()
            make_images(engine)
            yield engine
        finally:
            engine.stop()
