"""Delivery by Apprise, for real: a child process, TLS, and receivers on loopback that behave as badly as they like."""

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import psutil
import pytest

from guardian.errors import DeliveryError
from guardian.notify.apprise_channel import AppriseChannel, address_fault
from guardian.notify.sender import Sender
from guardian.notify.texts import notification
from guardian.ports import Channel, Notification
from tests.notify.incidents import AT, STORY, incident
from tests.notify.mail import MAIL_USER, Mail
from tests.notify.services import DISCORD, SECRETS, SLACK, TELEGRAM, Answer, Services, drip, hang, rate_limited, reset

TOLD = notification(incident(), STORY, "alert", AT)
LONG = timedelta(seconds=60)
HOST_OF = {DISCORD: "discord.com", TELEGRAM: "api.telegram.org", SLACK: "hooks.slack.com", "json": ""}
URLS = pytest.mark.parametrize("url", list(HOST_OF), ids=["discord", "telegram", "slack", "json"])


@pytest.fixture(scope="module")
def _services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = Services(tmp_path_factory.mktemp("services"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def sender(_services: Services) -> Iterator[Sender]:
    """One child for the module: it is started in the environment that leads to the services."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in _services.environment.items():
            patch.setenv(name, value)
        made = Sender()
        yield made
        made.close()


@pytest.fixture
def services(_services: Services) -> Services:
    _services.requests.clear()
    _services.behave.clear()
    _services.always = None
    return _services


def send(sender: Sender, services: Services, url: str, told: Notification = TOLD, limit: timedelta = LONG) -> None:
    channel: Channel = AppriseChannel("ops", services.json_url if url == "json" else url, sender)
    channel.send(told, limit)


def refused(sender: Sender, services: Services, url: str, limit: timedelta = LONG) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        send(sender, services, url, limit=limit)
    return caught.value


@URLS
def test_an_alert_arrives_whole(sender: Sender, services: Services, url: str) -> None:
    send(sender, services, url)
    (request,) = services.requests
    assert request.host == HOST_OF[url]
    for line in ("writer#2", "guardian explain 01JDXYZ", "line 29", "Likely cause:"):
        assert line in request.text
    assert "github.com" not in str(request.body)


@URLS
@pytest.mark.parametrize(
    ("status", "retryable"), [(400, False), (401, False), (403, False), (404, False), (500, True), (503, True)]
)
def test_the_status_says_whether_trying_again_soon_can_help(
    sender: Sender, services: Services, url: str, status: int, retryable: bool
) -> None:
    services.always = Answer(status, {"ok": False, "error_code": status, "description": "x"})
    error = refused(sender, services, url)
    assert f"answered {status}" in str(error)
    assert error.retryable is retryable
    assert error.retry_after is None


@URLS
def test_how_long_a_rate_limit_lasts_is_known(sender: Sender, services: Services, url: str) -> None:
    services.always = rate_limited(HOST_OF[url], 7)
    error = refused(sender, services, url)
    assert (error.retryable, error.retry_after) == (True, timedelta(seconds=7))


def test_the_finer_time_of_discord_is_not_rounded_down(sender: Sender, services: Services) -> None:
    services.always = rate_limited("discord.com", 2.75)
    assert refused(sender, services, DISCORD).retry_after == timedelta(seconds=2.75)


@pytest.mark.parametrize("answer", ['{"retry_after": []}', "[]", "x", '{"parameters": 5}', '{"retry_after": "NaN"}'])
def test_a_rate_limit_that_talks_nonsense_is_still_one(sender: Sender, services: Services, answer: str) -> None:
    services.always = Answer(429, answer)
    error = refused(sender, services, "json")
    assert (error.retryable, error.retry_after) == (True, None)


@URLS
def test_a_receiver_that_resets_the_connection_is_tried_again(sender: Sender, services: Services, url: str) -> None:
    services.always = reset
    error = refused(sender, services, url)
    assert "not reached" in str(error)
    assert error.retryable


@URLS
def test_a_receiver_that_hangs_is_given_up_and_tried_again(sender: Sender, services: Services, url: str) -> None:
    services.always = hang
    hasty = f"{services.json_url if url == 'json' else url}?rto=1"  # Apprise's own limit of a read, else 4 s
    error = refused(sender, services, hasty)
    assert "not reached (ReadTimeout)" in str(error)
    assert error.retryable


def test_a_redirect_is_not_followed(sender: Sender, services: Services) -> None:
    services.behave = [Answer(302, None, [("Location", f"http://127.0.0.1:{services.port}/elsewhere")])]
    assert "not followed" in str(refused(sender, services, "json"))
    assert [request.path for request in services.requests] == ["/very-secret-path"]


def test_the_limit_holds_for_the_whole_delivery_and_nothing_is_left_of_it(services: Services) -> None:
    """Each read of a dripping answer comes in time for Apprise."""
    services.always = drip
    own, before = Sender(), _children()
    try:
        own.ask({"ask": "check", "url": DISCORD}, LONG)  # loaded already, so that the limit is the delivery's
        started = time.monotonic()
        error = refused(own, services, "json", limit=timedelta(seconds=1.5))
        assert time.monotonic() - started < 20
        assert "no answer within 1.5 s" in str(error)
        assert error.retryable
        assert _children() <= before
        services.always = None
        send(own, services, "json")
        assert len(_children() - before) == 1
    finally:
        own.close()
    assert _children() <= before


def _children() -> set[int]:
    """Of this process, those that deliver."""
    return {each.pid for each in psutil.Process().children() if _delivers(each)}


def _delivers(process: psutil.Process) -> bool:
    try:
        return "apprise_child" in " ".join(process.cmdline())
    except psutil.Error:  # it has just ended
        return False


def test_a_child_at_rest_ends_by_itself(services: Services) -> None:
    own = Sender(rest=timedelta(seconds=0.2))
    before = _children()
    send(own, services, "json")
    end = time.monotonic() + 20
    while _children() - before and time.monotonic() < end:
        time.sleep(0.02)
    assert _children() <= before
    send(own, services, "json")
    own.close()
    assert len(services.requests) == 2


def test_a_child_that_was_killed_is_replaced(services: Services) -> None:
    own, before = Sender(), _children()
    try:
        send(own, services, "json")
        for pid in _children() - before:
            psutil.Process(pid).kill()
            psutil.Process(pid).wait(10)
        send(own, services, "json")
    finally:
        own.close()
    assert len(services.requests) == 2


def test_a_child_ends_with_the_process_that_asked_it() -> None:
    code = (
        "import os, signal, psutil; from datetime import timedelta; from guardian.notify.sender import Sender\n"
        "Sender().ask({'ask': 'check', 'url': 'json://h'}, timedelta(seconds=60))\n"
        "print(psutil.Process().children()[0].pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=90, check=False)
    pid, end = int(done.stdout), time.monotonic() + 20
    while psutil.pid_exists(pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert not psutil.pid_exists(pid)


# texts


@pytest.mark.parametrize("url", [DISCORD, TELEGRAM, SLACK])
def test_a_name_from_outside_pings_nobody_and_breaks_no_format(sender: Sender, services: Services, url: str) -> None:
    name = "@everyone_*x*_<@123>_```_[a](http://b)_</b>"
    told = replace(TOLD, title=f"{name} fails", text=f"{name}\n@here <!channel>\n```")
    send(sender, services, url, told)
    text = services.requests[0].text
    for ping in ("@everyone", "@here", "<@", "<!"):
        assert ping not in text
    if url == DISCORD:
        title, _, block = text.partition("\r\n")
        escaped = r"\_\*x\*\_\<GAP@123\>\_\`\`\`\_\[a\]\(http\://b\)\_\</b\> fails"
        assert title == f"**@\u200beveryone{escaped}**".replace("GAP", "\u200b")
        assert block.startswith("```\n")
        assert block.endswith("\n```")
        assert block.count("```") == 2


@pytest.mark.parametrize(("url", "most"), [(DISCORD, 2000), (TELEGRAM, 4096)])
@pytest.mark.parametrize("fill", ["x", "\U0001f525", "*", "`", "@everyone "])
def test_an_alert_that_is_too_long_arrives_with_what_matters(
    sender: Sender, services: Services, url: str, most: int, fill: str
) -> None:
    log = "\n".join(f"  line {number} {fill * 80}" for number in range(60))
    head = "process_health: stopped\nSince 2026"
    foot = "The whole story: guardian explain 01J\nI take it (no repeats, no escalation): guardian ack 01J"
    told = replace(TOLD, text=f"{head}\n\nIts log, last lines:\n{log}\n\n{foot}", title=f"{fill * 200}"[:200])
    send(sender, services, url, told)
    text = services.requests[0].text
    assert len(text.encode("utf-16-le")) // 2 <= most
    for part in (*head.split("\n"), *foot.split("\n"), "line 59"):
        assert part in text
    assert "line 0 " not in text


# secrets


@URLS
@pytest.mark.parametrize("behaviour", [Answer(500), reset, rate_limited("", 1)], ids=["500", "reset", "429"])
def test_the_address_is_in_no_log_error_or_repr(
    sender: Sender, services: Services, url: str, behaviour: Answer, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    services.always = behaviour
    error = refused(sender, services, url)
    channel = AppriseChannel("ops", services.json_url if url == "json" else url, sender)
    out, err = capfd.readouterr()
    shown = [caplog.text, out, err, str(error), repr(error), repr(channel), repr(error.__cause__)]
    assert error.__suppress_context__ or error.__context__ is None
    assert not any(secret in text for secret in SECRETS for text in shown)


def test_the_address_is_no_argument_of_the_child(sender: Sender, services: Services) -> None:
    send(sender, services, DISCORD)
    shown = []
    for process in psutil.Process().children():
        with suppress(psutil.Error):  # another test's, which has just ended
            if "guardian.notify.apprise_child" in process.cmdline():
                own = {"PYTEST_CURRENT_TEST": ""}  # the name of whichever test started it, which may hold an address
                shown.append(str((process.cmdline(), process.environ() | own)))
    assert shown
    assert not any(secret in text for secret in SECRETS for text in shown)


def test_apprise_is_not_loaded_here(sender: Sender, services: Services) -> None:
    send(sender, services, "json")
    assert "apprise" not in sys.modules


# addresses


@pytest.mark.parametrize("url", [DISCORD, TELEGRAM, SLACK, "json://host/x", "mailtos://u:p@example.com"])
def test_a_good_address_has_no_fault(sender: Sender, url: str) -> None:
    assert address_fault(sender, url, LONG) is None


def test_discords_own_form_of_an_address_is_good_too(sender: Sender) -> None:
    own = "https://discord.com/api/webhooks/284712345678901234/Very-secret_Discord-token-Abc123456789"
    assert address_fault(sender, own, LONG) is None


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("discrod://very-secret-path/x", "Apprise knows no service `discrod://`, did you mean `discord://`?"),
        ("qqqqqqq://very-secret-path", "Apprise knows no service `qqqqqqq://`"),
        ("https://very-secret-path.example.com/x", "is a web address of no service that Apprise knows"),
        ("discord://very-secret-path", "is no address that Discord can use: write `discord://{webhook_id}/"),
        ("tgram://very-secret-path/1", "is no address that Telegram can use: write `tgram://{bot_token}`"),
        ("slack://very-secret-path/x", "is no address that Slack can use: write `slack://"),
        ("mailto://", "is no address that E-Mail can use"),
        ("windows://", "Windows Notification cannot be used on this machine"),
    ],
)
def test_a_wrong_address_is_explained_without_showing_it(sender: Sender, url: str, words: str) -> None:
    fault = address_fault(sender, url, LONG)
    assert fault is not None
    assert fault.startswith(words)
    assert "very-secret" not in fault


# e-mail


@pytest.fixture
def mail() -> Iterator[Mail]:
    made = Mail()
    yield made
    made.close()


def test_a_mail_arrives(sender: Sender, services: Services, mail: Mail) -> None:
    send(sender, services, mail.url)
    (message,) = mail.messages
    assert "writer#2" in str(message["Subject"])
    assert "guardian explain 01JDXYZ" in mail.text(message)


@pytest.mark.parametrize(
    ("answer", "retryable"), [("451 try later", True), ("452 full", True), ("554 no", False), ("550 unknown", False)]
)
def test_a_mail_servers_answer_says_whether_trying_again_helps(
    sender: Sender, services: Services, mail: Mail, answer: str, retryable: bool
) -> None:
    mail.answer = answer
    error = refused(sender, services, mail.url)
    assert f"answered {answer[:3]}" in str(error)
    assert error.retryable is retryable


def test_a_wrong_password_for_mail_is_refused_for_good(sender: Sender, services: Services, mail: Mail) -> None:
    error = refused(sender, services, mail.url.replace(f"{MAIL_USER}:", f"{MAIL_USER}:wrong"))
    assert "answered 535" in str(error)
    assert not error.retryable


def test_a_mail_server_that_hangs_or_is_away_is_tried_again(sender: Sender, services: Services, mail: Mail) -> None:
    mail.answer = "hang"
    own = Sender()
    try:
        own.ask({"ask": "check", "url": DISCORD}, LONG)
        assert refused(own, services, mail.url, limit=timedelta(seconds=1.5)).retryable
    finally:
        own.close()
    mail.close()
    assert "not reached" in str(error := refused(sender, services, mail.url))
    assert error.retryable
