"""The composition root: from the configuration to concrete adapters and the engine that works with them."""

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from guardian.checks.base import Check
from guardian.config import AlertChannel, CheckSection, Config, Sections, find, load
from guardian.config.secrets import ENVIRONMENT
from guardian.engine.engine import Engine
from guardian.errors import ConfigError, ConfigFault, DeliveryError
from guardian.heal.base import Remedy
from guardian.logs.tail import LogTail
from guardian.model import OwnAct
from guardian.notify.log_channel import LogChannel
from guardian.ports import Channel, Ports, Supervisor
from guardian.registry import discover
from guardian.store.identity import Identity
from guardian.store.store import Store, connect
from guardian.supervisors.base import SupervisorPlugin

_LOOK_OVER_LIMIT = timedelta(seconds=60)
_ESCALATIONS, _SUMMARY, _IDENTITY = "escalations", "health.json", "store-id"


def checks() -> Mapping[str, Check]:
    return discover("guardian.checks", "CHECK")


def remedies() -> Mapping[str, Remedy]:
    return discover("guardian.heal", "REMEDY")


def supervisors() -> Mapping[str, SupervisorPlugin]:
    return discover("guardian.supervisors", "SUPERVISOR")


def sections() -> Sections:
    """What can be configured, plug-ins included."""
    return Sections(
        checks={name: CheckSection(check.title, check.every, check.params) for name, check in checks().items()},
        supervisors={name: plugin.params for name, plugin in supervisors().items()},
    )


def load_config(option: Path | None) -> Config:
    """From --config, $GUARDIAN_CONFIG or ./guardian.toml, else the defaults. Raises ConfigError."""
    return load(find(option, os.environ, Path.cwd()), sections(), os.environ)


def open_store(config: Config, redis_url: str, state: Path | None) -> Store:
    """Connects at first use. With a state directory, remembers there which store it was."""
    identity = Identity(state / _IDENTITY if state else None)
    return Store(connect(redis_url), config.redis.prefix, identity, config.heal.cooldown)


def build(config: Config, redis_url: str, state: Path) -> Engine:
    """The engine of one process. Connects at first use."""
    store = open_store(config, redis_url, state)
    ports = Ports(
        node=config.node,
        supervisors=opened(config),
        acts=_Acts(store, config.node),
        logs=LogTail(),
    )
    return Engine(
        config=config,
        store=store,
        ports=ports,
        checks=checks(),
        remedies=remedies(),
        channels=channels(config),
        escalations=config.escalation.directory or state / _ESCALATIONS,
        summary_file=config.summary.file or state / _SUMMARY,
    )


def opened(config: Config) -> tuple[Supervisor, ...]:
    """This node's supervisors. No I/O yet."""
    plugins = supervisors()
    return tuple(
        plugins[name].open(params) for name, params in config.supervisors.items() if getattr(params, "enabled", True)
    )


def channels(config: Config) -> tuple[Channel, ...]:
    """Where alerts go, the log first. For one process: not to be carried over a fork."""
    found: list[Channel] = [LogChannel()]
    if config.alerts.webhook is not None:
        from guardian.notify.webhook import Webhook  # noqa: PLC0415  requests is loaded only where it sends

        found.append(Webhook(config.alerts.webhook.get_secret_value()))
    if config.alerts.channels:
        from guardian.notify.apprise_channel import AppriseChannel  # noqa: PLC0415
        from guardian.notify.sender import Sender  # noqa: PLC0415

        sender = Sender()
        found += [AppriseChannel(name, address(each), sender) for name, each in config.alerts.channels.items()]
    return tuple(found)


def address(channel: AlertChannel) -> str:
    """A secret."""
    return channel.url.get_secret_value() if channel.url else ""


def check_addresses(config: Config) -> None:
    """Have Apprise look at the channels' addresses, in a process of its own. Raises ConfigError with every fault."""
    if not config.alerts.channels:
        return
    from guardian.notify.apprise_channel import address_fault  # noqa: PLC0415
    from guardian.notify.sender import Sender  # noqa: PLC0415

    faults = []
    with closing(Sender()) as sender:
        for name, channel in config.alerts.channels.items():
            try:
                fault = address_fault(sender, address(channel), _LOOK_OVER_LIMIT)
            except DeliveryError as error:
                fault = f"cannot be looked over, Apprise does not run here: {error}"
            if fault:
                faults.append(_address_fault(config, name, channel, fault))
    if faults:
        raise ConfigError(faults)


def _address_fault(config: Config, name: str, channel: AlertChannel, fault: str) -> ConfigFault:
    """Said of where the address was written."""
    if channel.url_env:
        return ConfigFault(ENVIRONMENT, channel.url_env, fault)
    key = "url_file" if channel.url_file else "url"
    return ConfigFault(config.source or "", f"alerts.channels.{name}.{key}", fault)


@dataclass(frozen=True)
class _Acts:
    """guardian.ports.OwnActs out of the store."""

    store: Store
    node: str

    def recent(self) -> tuple[OwnAct, ...]:
        return tuple(self.store.acts(self.node))
