"""The composition root: from the configuration to concrete adapters and the engine that works with them."""

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import create_model

from guardian.checks.base import Check
from guardian.config import AlertChannel, CheckSection, Config, Sections, find, load
from guardian.config.queues import Params as QueueParams
from guardian.config.secrets import ENVIRONMENT
from guardian.config.source import read
from guardian.decide.occurrences import Occurrence
from guardian.engine import plugins
from guardian.engine.engine import Engine
from guardian.engine.plugins import Plugins
from guardian.engine.readings import NotedStore, StoredAcknowledgements, StoredActs
from guardian.engine.scanning import Desk
from guardian.engine.watch import Watch
from guardian.errors import ConfigError, ConfigFault, DeliveryError
from guardian.heal.base import Remedy
from guardian.history.history import History, file_url
from guardian.host.commands import Commands
from guardian.host.model_prices import ModelPrices
from guardian.host.mounts import HostDisks
from guardian.host.network import HostNetwork
from guardian.host.quarantine import Place
from guardian.host.receipt_key import receipt_key
from guardian.host.scan_child import ScanChild
from guardian.logs.entries.reader import JsonLogs
from guardian.logs.lines import JsonLines
from guardian.logs.rotation.rotation import Rotation
from guardian.logs.tail import LogTail
from guardian.model import RemedyKind
from guardian.notify.log_channel import LogChannel
from guardian.pipelines.base import PipelinePlugin
from guardian.ports import (
    Channel,
    Clock,
    NeverActed,
    NobodyTook,
    NoFlags,
    NoHeartbeats,
    NoQueues,
    Ports,
    Supervisor,
    TaskStore,
    WorkQueues,
)
from guardian.queues.opening import opened as opened_queues
from guardian.registry import discover
from guardian.scanner import policy_file
from guardian.scanner.policy import Policy
from guardian.settings import Model, user_path
from guardian.store.identity import Identity
from guardian.store.store import Store, connect
from guardian.supervisors.base import SupervisorPlugin

if TYPE_CHECKING:
    from guardian.notify.ping import Ping

_LOOK_OVER_LIMIT = timedelta(seconds=60)
_QUARANTINE, _SECURITY_REPORT = "quarantine", "security.jsonl"
_ESCALATIONS, _SUMMARY, _IDENTITY, _HISTORY = "escalations", "health.json", "store-id", "history.db"
_FLAGS = "flags.json"


def checks() -> Mapping[str, Check]:
    return discover("guardian.checks", "CHECK")


def remedies() -> Mapping[str, Remedy]:
    return discover("guardian.heal", "REMEDY")


def supervisors() -> Mapping[str, SupervisorPlugin]:
    return discover("guardian.supervisors", "SUPERVISOR")


def pipelines() -> Mapping[str, PipelinePlugin]:
    return discover("guardian.pipelines", "PIPELINE")


def sections(own: Plugins = Plugins()) -> Sections:  # noqa: B008  frozen
    """What can be configured; with the operator's plug-ins where they are given."""
    known = {**checks(), **own.checks}
    usable = {
        name for name, remedy in remedies().items() if remedy.kind is not RemedyKind.REPAIR
    }  # that needs an order
    names = sorted({*usable, *own.remedies})
    return Sections(
        checks={name: _section(check, names) for name, check in known.items()},
        supervisors={name: plugin.params for name, plugin in supervisors().items()},
        pipelines={name: plugin.params for name, plugin in pipelines().items()},
    )


def _section(check: Check, names: Sequence[str]) -> CheckSection:
    """Where a section names its remedy, what may stand there are the remedies at hand."""
    params: type[Model] = check.params
    if check.member is not None and "remedy" in params.model_fields:
        choice: Any = (Literal[tuple(names)] | None, params.model_fields["remedy"])
        params = create_model(params.__name__, __base__=params, remedy=choice)
    return CheckSection(check.title, check.every, params, named=check.member is not None, own=check.own)


def load_config(option: Path | None) -> Config:
    """From --config, $GUARDIAN_CONFIG or ./guardian.toml, else the defaults. Raises ConfigError."""
    path = find(option, os.environ, Path.cwd())
    folders, refused = _folders(path)
    policy_faults = _policy_faults(path)
    try:
        config = load(path, sections(_plugins(folders, path)), os.environ)
    except ConfigError as error:
        known = {fault.key for fault in error.faults}
        unsaid = [fault for fault in policy_faults if fault.key not in known]
        raise ConfigError([*refused, *error.faults, *unsaid]) from None
    refused = [*refused, *policy_faults]
    if refused:
        raise ConfigError(refused)
    return config.model_copy(update={"plugins": tuple(folders)})


def _folders(path: Path | None) -> tuple[Sequence[Path], Sequence[ConfigFault]]:
    """The plug-in folders that the file names, and those that cannot be used. Loading says what else is wrong."""
    folders, refused = [], []
    named: object = None
    with suppress(ConfigError):
        named = read(path).get("plugins") if path else None
    for number, written in enumerate(named if isinstance(named, list) else ()):
        with suppress(ValueError):
            folder = (_base(path) / user_path(written)).resolve()
            if why := plugins.refusal(folder, _owner(path)):
                refused.append(ConfigFault(str(path), f"plugins[{number}]", why))
            elif folder not in folders:
                folders.append(folder)
    return folders, refused


def _policy_faults(path: Path | None) -> Sequence[ConfigFault]:
    """What the scanner says against its table. Loading says what else is wrong."""
    with suppress(ConfigError):
        return policy_file.examined(read(path), str(path), str(_base(path)))[1] if path else ()
    return ()


def scan_policy(config: Config) -> Policy:
    """The plain policy that the configuration holds, as the scanner itself reads it."""
    table = config.scanner.model_dump(exclude_defaults=True, exclude=set(policy_file.ELSEWHERE))
    document = {policy_file.TABLE: _without_none(table)}
    source = Path(config.source) if config.source else None
    policy, faults = policy_file.examined(document, config.source or "", str(_base(source)))
    if faults:
        raise ConfigError(faults)
    return policy


def _without_none(value: Any) -> Any:
    """TOML has no null."""
    if isinstance(value, dict):
        return {key: _without_none(inner) for key, inner in value.items() if inner is not None}
    return [_without_none(each) for each in value] if isinstance(value, list | tuple) else value


def _base(source: Path | None) -> Path:
    """Where relative paths of plug-ins and commands start."""
    return source.absolute().parent if source else Path.cwd()


def _owner(source: Path | None) -> int | None:
    try:
        return source.stat().st_uid if source else None
    except OSError:
        return None


def _plugins(folders: Sequence[Path], source: Path | None) -> Plugins:
    if not folders:
        return Plugins()
    taken = {"CHECK": checks().keys(), "REMEDY": discover("guardian.heal", "REMEDY").keys()}
    return plugins.load(folders, _owner(source), taken, remedies().keys())


def own(config: Config) -> Plugins:
    """The operator's plug-ins."""
    return _plugins(config.plugins, Path(config.source) if config.source else None)


def plugin_faults(config: Config) -> Sequence[ConfigFault]:
    """Files in the plug-in folders that are broken or left out. They stop nothing."""
    return own(config).faults


def checks_of(config: Config) -> Mapping[str, Check]:
    """Every check that this configuration knows, on or off: Guardian's, the plug-ins, and one for each command."""
    found = {**checks(), **own(config).checks}
    single = {name: check for name, check in found.items() if check.member is None}
    folder = _base(Path(config.source) if config.source else None)
    for name, check in found.items():
        if check.member is not None:
            for key in config.checks:
                if key.startswith(f"{name}."):
                    single[key] = check.member(key.removeprefix(f"{name}."), config.checks[key].params, folder)
    return single


def open_store(config: Config, redis_url: str, state: Path | None) -> Store:
    """Connects at first use. With a state directory, remembers there which store it was."""
    identity = Identity(state / _IDENTITY if state else None)
    server = connect(redis_url)
    return Store(server, config.redis.prefix, identity, config.heal.cooldown, history=config.history.waiting)


def open_history(config: Config, state: Path) -> History:
    """As configured, else a file in the state directory. Connects at first use."""
    if url := config.history.url:
        return History(url.get_secret_value())
    file = state.absolute() / _HISTORY
    return History(file_url(str(file)), file)


def build(config: Config, redis_url: str, state: Path) -> Engine:
    """The engine of one process. Connects at first use."""
    store = open_store(config, redis_url, state)
    ports = Ports(
        node=config.node,
        supervisors=opened(config),
        acts=StoredActs(store, config.node),
        logs=LogTail(),
        commands=Commands(),
        rotation=Rotation(Commands()),
        entries=JsonLogs(),
        prices=ModelPrices(),
        acknowledged=StoredAcknowledgements(store, config.node),
        heartbeats=store.heartbeats,
        flags=store.flags,
        tasks=[NotedStore(each, store.starts) for each in task_stores(config)],
        network=HostNetwork(),
        disks=HostDisks(),
        queues=queues(config),
    )
    return Engine(
        config=config,
        store=store,
        ports=ports,
        checks=checks_of(config),
        remedies={**remedies(), **own(config).remedies},
        channels=channels(config),
        escalations=config.escalation.directory or state / _ESCALATIONS,
        summary_file=config.summary.file or state / _SUMMARY,
        history=open_history(config, state),
        open_desk=lambda niceness: desk(config, store, state, niceness),
        flags_file=flags_file(config, state),
    )


def flags_file(config: Config, state: Path) -> Path:
    """Where the control flags are mirrored on this node."""
    return config.flags.file or state / _FLAGS


def desk(config: Config, store: Store, state: Path, niceness: int = 0) -> Desk:
    """What scans work with in one process: its child is not to be carried over a fork."""
    settings = config.scanner
    return Desk(
        policy=scan_policy(config),
        scans=store.scans,
        node=config.node,
        child=ScanChild(settings.memory, niceness=niceness),
        place=quarantine(config, state),
        report=JsonLines(settings.security_report or state / _SECURITY_REPORT, settings.security_report_bytes),
        key=lambda: receipt_key(_receipt_secret(config), state),
    )


def quarantine(config: Config, state: Path) -> Place:
    settings = config.scanner
    return Place(
        settings.quarantine or state / _QUARANTINE,
        settings.quarantine_roots,
        settings.quarantine_files,
        settings.quarantine_bytes,
    )


def _receipt_secret(config: Config) -> str | None:
    return config.scanner.receipt_key.get_secret_value() if config.scanner.receipt_key else None


def watch(
    config: Config,
    redis_url: str,
    wall: Clock,
    *,
    known: Sequence[Occurrence],
    remember: Callable[[Sequence[Occurrence]], None],
) -> Watch:
    """The watch of one process: its store answers soon, or is away. Connects at first use."""
    answer = config.watch.blind_after / 20
    server = connect(redis_url, answer.total_seconds())
    store = Store(server, config.redis.prefix, Identity(None), config.heal.cooldown)
    return Watch(config, store, channels(config), wall, remember, known)


def ping(config: Config) -> "Ping | None":
    """The call to somebody outside, where one is configured."""
    if config.watch.ping_url is None:
        return None
    from guardian.notify.exchange import Address  # noqa: PLC0415  requests is loaded only where it sends
    from guardian.notify.ping import Ping  # noqa: PLC0415  as above

    address = Address(config.watch.ping_url.get_secret_value(), "ping_url")
    return Ping(address, config.watch.ping_every, config.watch.blind_after / 12)


def opened(config: Config) -> tuple[Supervisor, ...]:
    """This node's supervisors. No I/O yet."""
    plugins = supervisors()
    return tuple(
        plugins[name].open(params) for name, params in config.supervisors.items() if getattr(params, "enabled", True)
    )


def task_stores(config: Config) -> tuple[TaskStore, ...]:
    """The users' pipelines. No I/O yet."""
    plugins = pipelines()
    return tuple(
        plugins[kind].open(name, params)
        for kind, stores in config.pipelines.items()
        for name, params in stores.items()
        if getattr(params, "enabled", True)
    )


def queues(config: Config) -> WorkQueues:
    """The users' work queues. No I/O yet."""
    found = config.checks.get("cursor_queue")
    return opened_queues(found.params) if found and isinstance(found.params, QueueParams) else NoQueues()


def rehearsal(config: Config, state: Path) -> Engine:
    """An engine for a look by hand where nothing runs: nobody answers for its store, and nothing asks it."""
    engine = build(config, "unix:///nowhere?db=0", state)
    alone = replace(
        engine.ports,
        acts=NeverActed(),
        acknowledged=NobodyTook(),
        flags=NoFlags(),
        heartbeats=NoHeartbeats(),
        tasks=task_stores(config),
    )
    return replace(engine, ports=alone)


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
    """Raises ConfigError with every fault of `address_faults`."""
    if faults := address_faults(config):
        raise ConfigError(faults)


def address_faults(config: Config) -> Sequence[ConfigFault]:
    """What Apprise, in a process of its own, says against the channels' addresses."""
    if not config.alerts.channels:
        return ()
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
    return faults


def _address_fault(config: Config, name: str, channel: AlertChannel, fault: str) -> ConfigFault:
    """Said of where the address was written."""
    if channel.url_env:
        return ConfigFault(ENVIRONMENT, channel.url_env, fault)
    key = "url_file" if channel.url_file else "url"
    return ConfigFault(config.source or "", f"alerts.channels.{name}.{key}", fault)
