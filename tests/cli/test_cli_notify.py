"""`guardian notify test`, and channels in the commands that look the configuration over or show how it stands."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from guardian.model import TellState
from guardian.notify.texts import notification
from tests.cli.running import Program
from tests.cli.test_cli_startup import imported
from tests.notify.incidents import AT, STORY, incident
from tests.notify.services import DISCORD, SECRETS, Answer, Services, rate_limited
from tests.store.world import NODE, World


@pytest.fixture
def services(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    made = Services(tmp_path_factory.mktemp("services"))
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    yield made
    made.close()


def configure(folder: Path, services: Services, text: str = "") -> None:
    (folder / "ops").write_text(services.json_url)
    (folder / "guardian.toml").write_text(
        f'node = "{NODE}"\n[alerts]\nwebhook = "http://127.0.0.1:{services.port}/very-secret-path"\n'
        f'[alerts.channels.ops]\nurl_file = "ops"\nseverity = "high"\n'
        f'[alerts.channels.chat]\nurl = "{DISCORD}"\n{text}'
    )


def hidden(*texts: str) -> bool:
    return not any(secret in text for secret in SECRETS for text in texts)


def test_each_channel_gets_a_message_that_cannot_be_taken_for_trouble(
    guardian: Program, folder: Path, services: Services
) -> None:
    configure(folder, services)
    ran = guardian("notify", "test")
    assert ran.code == 0, ran
    lines = [line.split() for line in ran.out.splitlines()]
    assert [line[:2] for line in lines[1:]] == [["webhook", "delivered"], ["ops", "delivered"], ["chat", "delivered"]]
    assert all(line[-1] == "s" and float(line[-2]) >= 0 for line in lines[1:])
    assert ["[TEST" in str(request.body) for request in services.requests] == [True] * 3
    assert hidden(ran.out, ran.err)


def test_one_that_does_not_get_it_is_said_with_its_reason_and_the_others_get_theirs(
    guardian: Program, folder: Path, services: Services
) -> None:
    configure(folder, services)
    services.behave = [Answer(200), rate_limited("", 7), Answer(401)]
    ran = guardian("notify", "test", "--json")
    assert ran.code == 1
    found = {each["channel"]: each for each in json.loads(ran.out)["channels"]}
    assert {name: each["delivered"] for name, each in found.items()} == {"webhook": True, "ops": False, "chat": False}
    assert found["ops"]["reason"] == "ops (JSON): answered 429"
    assert found["chat"]["reason"] == "chat (Discord): answered 401"
    assert hidden(ran.out, ran.err)


def test_one_channel_alone_can_be_tried(guardian: Program, folder: Path, services: Services) -> None:
    configure(folder, services)
    assert guardian("notify", "test", "ops").code == 0
    assert [request.path for request in services.requests] == ["/very-secret-path"]
    ran = guardian("notify", "test", "opps")
    assert (ran.code, len(services.requests)) == (2, 1)
    assert "There is no channel 'opps'; there are: webhook, ops, chat." in ran.err


def test_with_a_severity_only_those_that_take_it_get_it(guardian: Program, folder: Path, services: Services) -> None:
    configure(folder, services)
    ran = guardian("notify", "test", "--severity", "warning")
    assert ran.code == 0
    assert "left out: takes high and above" in ran.out
    assert len(services.requests) == 2


def test_without_a_channel_that_is_said(guardian: Program, folder: Path) -> None:
    ran = guardian("notify", "test")
    assert ran.code == 1
    assert "alerts go to the log alone" in ran.out


@pytest.mark.parametrize("command", [("config", "check"), ("notify", "test"), ("up",), ("worker",)], ids=" ".join)
def test_an_address_that_apprise_cannot_use_is_refused_before_anything_starts(
    guardian: Program, folder: Path, services: Services, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGER", "tgram://very-secret-path/1")
    configure(
        folder,
        services,
        '[alerts.channels.bad]\nurl = "discrod://very-secret-path"\n[alerts.channels.pager]\nurl_env = "PAGER"\n',
    )
    ran = guardian(*command)
    assert ran.code == 2
    said = ran.out + ran.err
    assert "alerts.channels.bad.url: Apprise knows no service `discrod://`, did you mean `discord://`?" in said
    assert "environment: PAGER: is no address that Telegram can use: write `tgram://{bot_token}`" in said
    assert services.requests == []
    assert hidden(said)


def test_status_says_what_is_undelivered_and_loads_no_apprise(
    guardian: Program, folder: Path, world: World, services: Services
) -> None:
    (folder / "guardian.toml").open("a").write(f'[alerts.channels.chat]\nurl = "{DISCORD}"\n')
    told = notification(incident(), STORY, "alert", AT)
    for number in range(3):
        world.store.spool.keep("chat", told, f"i{number}", TellState.ALERT, world.now, "kept")
    again = world.store.clock.now() + timedelta(minutes=9, seconds=30)
    world.store.spool.failed("chat", world.now, again, "chat (Discord): answered 401", refused=True, node=NODE)
    ran = guardian("status")
    line = next(line for line in ran.out.splitlines() if line.startswith("alerts: "))
    assert line.startswith(f"alerts: 3 undelivered to chat since {world.now:%Y-%m-%d %H:%M:%SZ}; it refuses: ")
    assert "chat (Discord): answered 401; next try in 9m" in line
    (channel,) = json.loads(guardian("status", "--json").out)["channels"]
    assert (channel["name"], channel["undelivered"], channel["refused"]) == ("chat", 3, True)
    assert "apprise" not in imported(folder, "status")
