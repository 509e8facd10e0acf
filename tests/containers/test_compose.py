"""docker-compose.yml on a real engine, healing what a real PM2 outside runs. One stack, the tests in this order."""

import urllib.error
from typing import Any

import psutil
import pytest

from tests.containers.stack import PROJECT, SERVICES, USER, Stack

pytestmark = [pytest.mark.timeout(900), pytest.mark.long]


def test_every_service_is_healthy(stack: Stack) -> None:
    assert {service: stack.health(service) for service in SERVICES} == dict.fromkeys(SERVICES, "healthy")


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_can_do_more_than_it_has_to(stack: Stack, service: str) -> None:
    status = stack.compose("exec", "-T", service, "cat", "/proc/self/status")
    facts = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    assert facts["Uid"].split()[0] != "0"
    assert int(facts["CapEff"], 16) == 0
    assert facts["NoNewPrivs"] == "1"
    assert (
        stack.compose("exec", "-T", service, "sh", "-c", "touch /etc/x 2>&1 || true")
        .strip()
        .endswith("Read-only file system")
    )


def test_redis_wants_its_password_and_no_command_line_has_it(stack: Stack) -> None:
    ask = ["exec", "-T", "--env", "REDISCLI_AUTH=", "redis", "redis-cli", "ping"]
    assert "NOAUTH" in stack.compose(*ask)
    secrets = (stack.settings["REDIS_PASSWORD"], stack.settings["FLOWER_PASSWORD"])
    lines = [" ".join(process.info["cmdline"] or []) for process in psutil.process_iter(["cmdline"])]
    assert not [line for line in lines for secret in secrets if secret in line]


def test_a_crash_is_healed_through_the_mounted_socket(stack: Stack) -> None:
    stack.start_app("api")
    stack.pm2.kill_app("api")
    incident = stack.wait_healed("api")
    assert "api is here" in str(stack.guardian("explain", incident["id"])), "the log outside is read"
    assert (stack.state / "health.json").stat().st_uid == USER


def test_a_crash_is_heard_while_nobody_sends_the_periodic_looks(stack: Stack) -> None:
    stack.start_app("heard")
    stack.compose("stop", "beat")
    stack.pm2.kill_app("heard")
    stack.wait("its incident", lambda: stack.incidents("heard"), 30)
    stack.compose("start", "beat")
    stack.wait_healthy("beat")
    stack.wait_healed("heard")


def test_flower_shows_the_chain_as_parent_and_children(stack: Stack) -> None:
    with pytest.raises(urllib.error.HTTPError, match="401"):
        stack.flower("/api/tasks", user="guardian:guess")
    tasks: dict[str, Any] = stack.flower("/api/tasks?limit=5000")
    heal = next(task for task in tasks.values() if task["name"] == "guardian.heal")
    check = tasks[heal["parent_id"]]
    assert check["name"] == "guardian.check.process_health"
    assert heal["uuid"] in check["children"]
    verified = [tasks[child] for child in heal["children"]]
    assert "guardian.verify" in {task["name"] for task in verified}
    assert {task["root_id"] for task in verified} == {check["uuid"]}


@pytest.mark.parametrize("service", SERVICES)
def test_a_killed_service_comes_back_and_no_incident_is_lost(stack: Stack, service: str) -> None:
    app = f"beside-{service}"
    stack.start_app(app)
    stack.pm2.kill_app(app)
    stack.kill(service)
    stack.wait_healthy(*SERVICES)
    stack.wait_healed(app)


def test_all_killed_at_once_by_docker_kill_are_brought_back_by_up(stack: Stack) -> None:
    stack.start_app("late")
    stack.compose("kill")
    stack.pm2.kill_app("late")
    stack.up()
    stack.wait_healed("late")


def test_down_leaves_nothing(stack: Stack) -> None:
    """The worker shares the machine's process ids: its processes are to be seen here as well."""
    user_processes = [process.pid for process in psutil.process_iter() if _is_guardian(process)]
    assert user_processes
    stack.down()
    for kind in ("container", "network", "volume"):
        label = f"label=com.docker.compose.project={PROJECT}"
        more = ["--all"] if kind == "container" else []
        assert stack.engine.docker(kind, "ls", "--quiet", "--filter", label, *more) == ""
    assert not [pid for pid in user_processes if psutil.pid_exists(pid)]
    assert stack.pm2.status("api") == "online", "what it watched lives on"


def _is_guardian(process: psutil.Process) -> bool:
    try:
        return process.uids().real == USER and "guardian" in process.environ().get("GUARDIAN_CONFIG", "")
    except psutil.Error:
        return False
