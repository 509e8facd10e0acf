"""What can be configured, section by section. The string under a key is its documentation for people.

`json_schema_extra` of a key: `env` names the environment variable that may hold it, `default_is` says in words what
is taken where the default depends on the machine.
"""

import platform
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, InstanceOf, WithJsonSchema, model_validator

from guardian.config.scanner import Scanner
from guardian.config.urls import apprise_url, history_url, http_url, redis_url
from guardian.model import Mode, Severity
from guardian.settings import Duration, Model, PositiveDuration, Secret, Share, UserPath, at_least, one_of, text_of

_ONE_SECOND = timedelta(seconds=1)
_SHORTEST_BLINDNESS = timedelta(seconds=20)

_NODE, _PREFIX = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", r"[A-Za-z0-9:._-]{1,64}"
NodeName = Annotated[
    str,
    text_of(_NODE, "1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit"),
    WithJsonSchema({"type": "string", "pattern": f"^{_NODE}$"}),
]
Prefix = Annotated[
    str,
    text_of(_PREFIX, "1 to 64 letters, digits, `:`, `.`, `_` or `-`"),
    WithJsonSchema({"type": "string", "pattern": f"^{_PREFIX}$"}),
]
ModeName = Annotated[Mode, one_of(Mode)]
SeverityName = Annotated[Severity, one_of(Severity)]
Interval = Annotated[Duration, at_least(_ONE_SECOND)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("must be a time zone that is known here, like `Europe/Berlin`") from None
    return name


_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
TimeOfDay = Annotated[
    str,
    text_of(_TIME, "a time of day from `00:00` to `23:59`"),
    WithJsonSchema({"type": "string", "pattern": f"^{_TIME}$"}),
]
Zone = Annotated[str, AfterValidator(_known_zone), WithJsonSchema({"type": "string", "minLength": 1})]


def host_name() -> str:
    """This machine's short name, made safe as a node's name."""
    short = platform.node().split(".")[0]
    return re.sub(r"[^A-Za-z0-9_-]", "-", short).strip("-_")[:64] or "localhost"


class Redis(Model):
    """Where Guardian keeps its live state. Without a URL, `guardian up` runs a server of its own."""

    url: Annotated[Secret, AfterValidator(redis_url)] | None = Field(
        None, examples=["redis://127.0.0.1:6379/0"], json_schema_extra={"env": "GUARDIAN_REDIS_URL"}
    )
    """A server that you run: redis://, rediss:// (TLS) or unix://. Characters such as `@` and `/` in a password are
    written as %40 and %2F."""
    url_file: UserPath | None = Field(None, examples=["/run/secrets/redis_url"])
    """A file whose first line is the URL."""
    prefix: Prefix = "guardian:"
    """Begins the name of everything that Guardian keeps there."""


class Heal(Model):
    """Healing: how often, and how sure."""

    cooldown: PositiveDuration = timedelta(minutes=5)
    """The least time between two heals of one target; lifted when a heal is verified."""
    lease: PositiveDuration = timedelta(seconds=60)
    """How long one worker may hold a heal before another takes over. Longer than `worker.time_limit`."""
    verify_after: Duration = timedelta(seconds=10)
    """The least time between a heal and the look that verifies it."""
    budget: int = Field(5, ge=1, le=1000)
    """The most heals of one target within `budget_window`; then Guardian stops healing it and tells a person."""
    budget_window: PositiveDuration = timedelta(minutes=30)
    """A sliding window; good health never refunds a heal in it."""
    break_circuit: bool = False
    """Also stop a process whose heal budget is used up."""
    takeovers: int = Field(3, ge=0, le=1000)
    """How often a heal is taken over from a worker that died in it, before a person is told instead."""


class Brake(Model):
    """The fleet brake: when many targets of a node newly fail within one patrol, the cause is shared; heals wait."""

    share: Share = 0.4
    """It brakes when more than this share of the node's targets newly fails, 0 to 1 ..."""
    at_least: int = Field(4, ge=1, le=100_000)
    """... and at least this many."""
    release_every: PositiveDuration = timedelta(seconds=30)
    """The heals that were held are let go one by one, at this distance."""


class Flapping(Model):
    """A target that keeps changing between ok and fail is not healed; a person is told."""

    begins: Share = 0.30
    """Begins above this share of changes over the last 20 looks (the newest count most)."""
    ends: Share = 0.25
    """Ends below this share; at most `begins`."""


class Incidents(Model):
    """When something becomes an incident."""

    unknown_looks: int = Field(3, ge=1, le=1000)
    """Patrols in a row that could not look at a target before that is an incident of its own."""


class Escalation(Model):
    """Task files for whoever takes up what Guardian cannot mend."""

    after: Duration = timedelta(minutes=5)
    """From the alert to the escalation, where nobody has acknowledged. At once when a heal is ruled out."""
    directory: UserPath | None = Field(
        None,
        examples=["/srv/orchestrator/requests"],
        json_schema_extra={"default_is": "escalations in the state directory"},
    )
    """The folder in which the task files are written. It must be there; only the default one is made."""
    node: NodeName | None = Field(
        None, examples=["node-1"], json_schema_extra={"default_is": "the node that the incident is about"}
    )
    """The node on which that folder is."""


_CHANNEL, _TAKEN = r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", ("log", "webhook")


def _not_taken(name: str) -> str:
    if name in _TAKEN:
        raise ValueError(f"must not be named `{name}`: Guardian has a channel of that name already")
    return name


ChannelName = Annotated[
    str,
    text_of(_CHANNEL, "named by 1 to 32 letters, digits, `_` or `-`, the first a letter or digit"),
    AfterValidator(_not_taken),
    WithJsonSchema({"type": "string", "pattern": f"^{_CHANNEL}$"}),
]


class AlertChannel(Model):
    """One place where alerts go."""

    url: Annotated[Secret, AfterValidator(apprise_url)] | None = Field(None, examples=["discord://ID/TOKEN"])
    """Its address as Apprise writes it: docs/alerts.md has those of Discord, Telegram, Slack and e-mail."""
    url_file: UserPath | None = Field(None, examples=["/run/secrets/ops_url"])
    """A file whose first line is that address."""
    url_env: str | None = Field(None, examples=["OPS_ALERT_URL"])
    """An environment variable that holds it."""
    severity: SeverityName = Severity.INFO
    """The least severity that goes there: `info`, `warning`, `high` or `critical`."""
    digest: bool = True
    """Whether the daily digest goes there too, whatever the least severity."""

    @model_validator(mode="after")
    def _has_an_address(self) -> Self:
        if self.url is None and self.url_file is None and self.url_env is None:
            raise ValueError("has no address: give it `url`, `url_file` or `url_env`")
        return self


class Alerts(Model):
    """Telling people. Alerts always go to the log as well."""

    webhook: Annotated[Secret, AfterValidator(http_url)] | None = Field(
        None, examples=["https://alerts.example.com/hook"], json_schema_extra={"env": "GUARDIAN_ALERT_WEBHOOK"}
    )
    """An http(s) address that gets each alert as a JSON POST."""
    webhook_file: UserPath | None = Field(None, examples=["/run/secrets/alert_webhook"])
    """A file whose first line is that address."""
    channels: Mapping[ChannelName, AlertChannel] = Field(
        default_factory=dict, examples=[{"ops": {"url_file": "/run/secrets/ops_url", "severity": "warning"}}]
    )
    """More places, each a table of its own with a name of your choice: `[alerts.channels.ops]`."""
    notify_healed: bool = False
    """Also tell at once of what healed at the first try."""


class History(Model):
    """Guardian's past in SQL, for reports, the digest, and to know again what was open when Redis came back empty."""

    url: Annotated[Secret, AfterValidator(history_url)] | None = Field(
        None,
        examples=["postgresql://guardian@db.example.com/guardian"],
        json_schema_extra={"env": "GUARDIAN_HISTORY_URL", "default_is": "history.db in the state directory (SQLite)"},
    )
    """A database: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME (needs the extra `postgresql`)."""
    url_file: UserPath | None = Field(None, examples=["/run/secrets/history_url"])
    """A file whose first line is the URL."""
    every: Interval = timedelta(seconds=5)
    """How often it is fed with what happened."""
    waiting: int = Field(10_000, ge=100, le=1_000_000)
    """The most entries that wait in Redis while the database is away (about 1 kB each); then the oldest go, which is
    said."""
    keep: Annotated[Duration, at_least(timedelta(days=1))] = timedelta(days=90)
    """How long the past is kept."""


class Digest(Model):
    """Once a day, to the channels of the alerts: what happened, what healed by itself, what is open."""

    enabled: bool = True
    """Whether it is sent."""
    at: TimeOfDay = "00:00"
    """When, in the zone; the day that it tells of ends then."""
    zone: Zone = "UTC"
    """The time zone, by its name in the IANA database."""


class Summary(Model):
    """The health summary, a JSON file."""

    file: UserPath | None = Field(
        None,
        examples=["/var/lib/guardian/health.json"],
        json_schema_extra={"default_is": "health.json in the state directory"},
    )
    """Where it is written; replaced whole each time."""
    every: Interval = timedelta(seconds=60)
    """How often."""


class Flags(Model):
    """Pause and throttle, mirrored to a JSON file for whoever does not ask Redis."""

    file: UserPath | None = Field(
        None,
        examples=["/var/lib/guardian/flags.json"],
        json_schema_extra={"default_is": "flags.json in the state directory"},
    )
    """Where it is written on each node; replaced whole each time."""


class Listener(Model):
    """Hears from the supervisors that a process ended, and has it looked at at once. The periodic looks go on."""

    enabled: bool = True
    """Whether `guardian up` listens on this machine."""


class Watch(Model):
    """Guardian watches itself: the watch says when Guardian is blind, over the alert channels directly."""

    enabled: bool = True
    """Run a watch as part of `guardian up`. `guardian watch` runs one by itself."""
    every: Interval = timedelta(seconds=5)
    """How often it looks; at most a sixth of `blind_after`."""
    blind_after: Annotated[Duration, at_least(_SHORTEST_BLINDNESS)] = timedelta(seconds=60)
    """The longest from the cause (Redis away, beat dead, a worker dead or hung, a queue stuck) to saying so."""
    repeat_after: Interval = timedelta(hours=1)
    """How often it says so again while it lasts."""
    ping_url: Annotated[Secret, AfterValidator(http_url)] | None = Field(
        None, examples=["https://hc-ping.com/your-uuid"], json_schema_extra={"env": "GUARDIAN_WATCH_PING_URL"}
    )
    """An http(s) address that is called (GET, as Healthchecks has it) only while all is well, so that somebody outside
    notices even a dead machine."""
    ping_url_file: UserPath | None = Field(None, examples=["/run/secrets/ping_url"])
    """A file whose first line is that address."""
    ping_every: Interval = timedelta(seconds=60)
    """How often it is called."""

    @property
    def canary_every(self) -> timedelta:
        """How often a canary goes through each queue."""
        return self.blind_after / 6


class Worker(Model):
    """Guardian's own processes and time limits; the defaults fit a fleet of thirty agents."""

    check_processes: int = Field(1, ge=1, le=64)
    """Processes that look."""
    own_processes: int = Field(2, ge=1, le=64)
    """Processes that look by your own checks, where there are any."""
    act_processes: int = Field(2, ge=1, le=64)
    """Processes that heal, verify and tell."""
    time_limit: Interval = timedelta(seconds=45)
    """A task that runs longer is ended."""
    visibility_timeout: Interval = timedelta(seconds=60)
    """A message that a dead worker held is delivered again after this. Longer than `time_limit`."""
    sweep_every: PositiveDuration = timedelta(seconds=5)
    """How often what is due and was not done is taken up again."""
    resend_after: PositiveDuration = timedelta(seconds=15)
    """A step that was sent and not begun within this is sent again."""


@dataclass(frozen=True)
class CheckSection:
    """A check as the configuration sees it. `params` are the keys of its section beside the common ones; each has a
    default. `named`: its section holds tables, and each is a check: `[checks.<id>.NAME]` is `<id>.NAME`; there a key
    may be required. `own`: it is the operator's."""

    title: str
    every: timedelta
    params: type[Model]
    named: bool = False
    own: bool = False


@dataclass(frozen=True)
class Sections:
    """The plug-ins' sections, by plug-in id."""

    checks: Mapping[str, CheckSection]
    supervisors: Mapping[str, type[Model]]
    pipelines: Mapping[str, type[Model]] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckSettings:
    """One check as configured. `mode` None: the one for all. `own`: it is the operator's. `looks`: in a row that fail
    before it counts."""

    enabled: bool
    interval: timedelta
    mode: Mode | None
    params: Model
    own: bool = False
    looks: int = 1


class Config(Model):
    """The whole configuration. `source` is the file that it came from; `mode_written_at` is when that was written last,
    where it says the mode. `supervisors` and `checks` have an entry for each that is known, `pipelines` one for each
    kind, with its stores by name. A secret is in its key (`redis.url`), wherever it was read from."""

    source: str | None = None
    mode_written_at: datetime | None = None
    mode: ModeName = Mode.HEAL
    """`heal`, or `observe`: everything but acting; what would have been healed is shown."""
    node: NodeName = Field(
        default_factory=host_name, examples=["node-1"], json_schema_extra={"default_is": "the short host name"}
    )
    """This machine's name in Guardian, different on each machine."""
    plugins: tuple[UserPath, ...] = Field((), strict=False, examples=[["/srv/guardian/checks"]])
    """Folders with checks and remedies of your own, one Python file each. A relative one starts in the folder of this
    file."""
    redis: Redis = Field(default_factory=Redis)
    supervisors: Mapping[str, InstanceOf[Model]] = Field(default_factory=dict)
    pipelines: Mapping[str, Mapping[str, InstanceOf[Model]]] = Field(default_factory=dict)
    checks: Mapping[str, InstanceOf[CheckSettings]] = Field(default_factory=dict)
    heal: Heal = Field(default_factory=Heal)
    brake: Brake = Field(default_factory=Brake)
    flapping: Flapping = Field(default_factory=Flapping)
    incidents: Incidents = Field(default_factory=Incidents)
    escalation: Escalation = Field(default_factory=Escalation)
    alerts: Alerts = Field(default_factory=Alerts)
    history: History = Field(default_factory=History)
    digest: Digest = Field(default_factory=Digest)
    summary: Summary = Field(default_factory=Summary)
    flags: Flags = Field(default_factory=Flags)
    listener: Listener = Field(default_factory=Listener)
    watch: Watch = Field(default_factory=Watch)
    worker: Worker = Field(default_factory=Worker)
    scanner: Scanner = Field(default_factory=Scanner)
