"""The composition root: from the configuration to concrete adapters and the engine that works with them."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from guardian.checks.base import Check
from guardian.config import CheckSection, Config, Sections, find, load
from guardian.engine.engine import Engine
from guardian.heal.base import Remedy
from guardian.logs.tail import LogTail
from guardian.model import OwnAct
from guardian.notify.log_channel import LogChannel
from guardian.ports import Channel, Ports, Supervisor
from guardian.registry import discover
from guardian.store.identity import Identity
from guardian.store.store import Store, connect
from guardian.supervisors.base import SupervisorPlugin

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
        supervisors=_opened(config),
        acts=_Acts(store, config.node),
        logs=LogTail(),
    )
    return Engine(
        config=config,
        store=store,
        ports=ports,
        checks=checks(),
        remedies=remedies(),
        channels=_channels(config),
        escalations=config.escalation.directory or state / _ESCALATIONS,
        summary_file=config.summary.file or state / _SUMMARY,
    )


def _opened(config: Config) -> tuple[Supervisor, ...]:
    plugins = supervisors()
    return tuple(
        plugins[name].open(params) for name, params in config.supervisors.items() if getattr(params, "enabled", True)
    )


def rehearsal(config: Config, state: Path) -> Engine:
    """An engine for a look by hand where nothing runs: nobody answers for its store, and nothing asks it."""
    engine = build(config, "unix:///nowhere?db=0", state)
    return replace(engine, ports=replace(engine.ports, acts=_NoActs()))


def watched(config: Config) -> Sequence[Supervisor]:
    """The supervisors that the configuration has looked at, for a look without a store."""
    return _opened(config)


def _channels(config: Config) -> tuple[Channel, ...]:
    if config.alerts.webhook is None:
        return (LogChannel(),)
    from guardian.notify.webhook import Webhook  # noqa: PLC0415  requests is loaded only where it sends

    return (LogChannel(), Webhook(config.alerts.webhook.get_secret_value()))


@dataclass(frozen=True)
class _Acts:
    """guardian.ports.OwnActs out of the store."""

    store: Store
    node: str

    def recent(self) -> tuple[OwnAct, ...]:
        return tuple(self.store.acts(self.node))


@dataclass(frozen=True)
class _NoActs:
    """guardian.ports.OwnActs of a Guardian that never acted."""

    def recent(self) -> tuple[OwnAct, ...]:
        return ()
