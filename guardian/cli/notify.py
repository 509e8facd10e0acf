"""`guardian notify`: whether alerts get through."""

import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from guardian.cli.shared import options

if TYPE_CHECKING:
    from guardian.config import Config
    from guardian.model import Severity
    from guardian.ports import Channel

_LIMIT = timedelta(seconds=30)
_SEVERITIES = ("info", "warning", "high", "critical")


@click.group("notify")
def COMMAND() -> None:  # noqa: N802  found by this name
    """Try the channels over which alerts go."""


@COMMAND.command("test")
@click.argument("channel", required=False)
@click.option(
    "--severity",
    type=click.Choice(_SEVERITIES),
    help="Only to channels that take it; else to each, as severe as it needs.",
)
@options.config
@options.as_json
def _test(channel: str | None, severity: str | None, config: Path | None, as_json: bool) -> None:
    """Send a test message to CHANNEL, or to each. Exit code 0: delivered, 1: to some it was not."""
    from guardian import services
    from guardian.cli.shared.output import say, show_json, show_table

    loaded = services.load_config(config)
    services.check_addresses(loaded)
    found = [each for each in services.channels(loaded) if each.name != "log"]
    chosen = _chosen(found, channel)
    if not chosen:
        say("no channel is configured ([alerts]): alerts go to the log alone")
        sys.exit(1)
    tried = [_try(loaded, each, severity) for each in chosen]
    if as_json:
        show_json({"channels": tried})
    else:
        show_table(("channel", "outcome", "took"), [_row(each) for each in tried])
    sys.exit(int(any(each["delivered"] is False for each in tried)))


def _chosen(channels: "list[Channel]", name: str | None) -> "list[Channel]":
    if name is None:
        return channels
    chosen = [each for each in channels if each.name == name]
    if not chosen:
        known = ", ".join(each.name for each in channels) or "none is configured"
        raise click.UsageError(f"There is no channel '{name}'; there are: {known}.")
    return chosen


def _try(config: "Config", channel: "Channel", asked: str | None) -> dict[str, object]:
    """`delivered` is None where the channel takes only what is more severe."""
    from guardian.decide.telling import wanted
    from guardian.errors import DeliveryError
    from guardian.model import Severity
    from guardian.notify.texts import trial

    minimum = _minimum(config, channel.name)
    severity = Severity(asked) if asked else max(minimum, Severity.INFO, key=list(Severity).index)
    result: dict[str, object] = {"channel": channel.name, "delivered": None, "reason": None, "seconds": None}
    if not wanted(severity, minimum):
        return result | {"reason": f"takes {minimum} and above"}
    began = time.monotonic()
    try:
        channel.send(trial(config.node, severity, datetime.now(UTC)), _LIMIT)
    except DeliveryError as error:
        result |= {"delivered": False, "reason": str(error)}
    else:
        result["delivered"] = True
    return result | {"seconds": round(time.monotonic() - began, 3)}


def _minimum(config: "Config", channel: str) -> "Severity":
    from guardian.model import Severity

    found = config.alerts.channels.get(channel)
    return found.severity if found else Severity.INFO


def _row(tried: dict[str, object]) -> tuple[str, str, str]:
    words = {True: "delivered", False: "not delivered: {}", None: "left out: {}"}[tried["delivered"]]  # type: ignore[index]
    seconds = tried["seconds"]
    return str(tried["channel"]), words.format(tried["reason"]), f"{seconds:.2f} s" if seconds is not None else ""
