"""docker-compose.yml and its settings as Compose itself reads them; no engine is asked."""

import json
import re
import shutil
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from guardian.app import GRACE
from tests.containers.engine import IMAGES, PYTHON, REDIS, ROOT
from tests.containers.stack import SERVICES, compose_program

_SETTINGS = {
    "GUARDIAN_NODE": "box",
    "GUARDIAN_UID": "1000",
    "GUARDIAN_GID": "1000",
    "PM2_HOME": "/home/agents/.pm2",
    "REDIS_PASSWORD": "abc",
    "FLOWER_PASSWORD": "def",
}


def compose(folder: Path, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    file = folder / "env"
    file.write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    words = [compose_program(), "--project-directory", ROOT, "--env-file", file, "--profile", "*"]
    return subprocess.run(
        [*words, "config", "--format", "json"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture
def services(tmp_path: Path) -> dict[str, Any]:
    done = compose(tmp_path, _SETTINGS)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["services"]
    return found


def test_every_service_is_bounded_and_comes_back(services: dict[str, Any]) -> None:
    assert set(services) == {*SERVICES}
    for name, service in services.items():
        assert service["restart"] == "unless-stopped", name
        assert service["init"], name
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert int(service["mem_limit"]) >= 2**28, name
        assert service["logging"]["options"] == {"max-size": "10m", "max-file": "3"}, name
        assert _seconds(service["stop_grace_period"]) > 2 * GRACE.total_seconds(), name
        assert service["user"] not in ("", "root", "0"), name
        assert "healthcheck" in service, name


def test_nothing_listens_beyond_loopback(services: dict[str, Any]) -> None:
    published = {name: port["host_ip"] for name, service in services.items() for port in service.get("ports", ())}
    assert published == {"flower": "127.0.0.1"}


def test_what_is_outside_is_mounted_read_only_but_for_the_state(services: dict[str, Any]) -> None:
    writable = {
        (name, mount["target"])
        for name, service in services.items()
        for mount in service.get("volumes", ())
        if not mount.get("read_only")
    }
    assert writable == {("redis", "/data"), ("worker", "/var/lib/guardian")}
    made = [mount for service in services.values() for mount in service.get("volumes", ()) if mount["type"] == "bind"]
    # Docker would make a missing folder, as root: better that it says so
    assert not [mount["source"] for mount in made if mount["bind"].get("create_host_path")]


def test_who_speaks_with_pm2_has_its_folder_and_nobody_else(services: dict[str, Any]) -> None:
    home = _SETTINGS["PM2_HOME"]
    mounted = [name for name, each in services.items() for mount in each["volumes"] if mount["target"] == home]
    assert sorted(mounted) == ["listen", "worker"]
    told = {name: each["environment"].get("PM2_HOME") for name, each in services.items() if "environment" in each}
    assert {name for name, where in told.items() if where == home} == {"listen", "worker"}


def test_one_watches_the_machine_and_the_others_do_not_see_it(services: dict[str, Any]) -> None:
    assert [name for name, service in services.items() if service.get("pid") == "host"] == ["worker"]


def test_the_tests_use_the_images_that_the_files_name(services: dict[str, Any]) -> None:
    assert services["redis"]["image"] == REDIS
    assert f"ARG PYTHON={PYTHON}\n" in (ROOT / "worker/Dockerfile").read_text()
    built = {name: service["build"]["dockerfile"] for name, service in services.items() if "build" in service}
    assert built == {"worker": IMAGES["ai-system-guardian"], "beat": IMAGES["ai-system-guardian-beat"]}


@pytest.mark.parametrize("missing", _SETTINGS)
def test_a_setting_that_is_missing_is_named(tmp_path: Path, missing: str) -> None:
    done = compose(tmp_path, {key: value for key, value in _SETTINGS.items() if key != missing})
    assert done.returncode != 0
    assert missing in done.stderr


def test_the_example_has_every_setting_and_no_secret() -> None:
    used = set(re.findall(r"\$\{([A-Z_0-9]+)", (ROOT / "docker-compose.yml").read_text()))
    shown = dict(re.findall(r"^#?([A-Z_0-9]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert set(shown) == used
    assert [key for key in shown if "PASSWORD" in key and shown[key]] == []


def test_make_writes_settings_that_compose_takes(tmp_path: Path) -> None:
    for name in ("Makefile", ".env.example", "guardian.example.toml"):
        shutil.copy(ROOT / name, tmp_path)
    subprocess.run(["make", "-s", ".env"], cwd=tmp_path, check=True, timeout=60)
    file = tmp_path / ".env"
    given = dict(re.findall(r"^([A-Z_0-9]+)=(.+)$", file.read_text(), re.MULTILINE))
    assert compose(tmp_path, given).returncode == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert re.fullmatch("[0-9a-f]{32}", given["REDIS_PASSWORD"])
    assert given["REDIS_PASSWORD"] != given["FLOWER_PASSWORD"]
    assert (tmp_path / "guardian-state").is_dir()
    assert (tmp_path / "guardian.toml").is_file()


def _seconds(text: str) -> float:
    return float(text.removesuffix("s"))
