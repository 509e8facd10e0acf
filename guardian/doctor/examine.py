"""The whole examination: the areas one after the other, none able to stop another."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from guardian import services
from guardian.config import Config, load
from guardian.doctor.base import Area, Finding, Installation, Report, Surroundings, judge
from guardian.errors import ConfigError, ConfigFault, GuardianError
from guardian.model import Severity
from guardian.registry import discover
from guardian.runtime import statedir
from guardian.store.server import inspect

_WORST_FIRST = tuple(reversed(Severity))

logger = logging.getLogger(__name__)


def areas() -> Mapping[str, Area]:
    return discover("guardian.doctor.areas", "AREA")


def examine(option: Path | None, state: Path | None, around: Surroundings) -> Report:
    """Changes nothing, and needs no running Guardian."""
    installation = _installation(option, state, around)
    findings: list[Finding] = []
    blind: dict[str, str] = {}
    for name, area in areas().items():
        try:
            facts = area.gather(installation)
            findings += judge(area, facts) if facts is not None else ()
        except Exception as error:
            logger.debug("%s", name, exc_info=True)
            blind[area.title] = f"{type(error).__name__}: {error}"
    findings.sort(key=lambda finding: _WORST_FIRST.index(finding.severity))
    return Report(findings, blind, _notes(installation))


def _installation(option: Path | None, state: Path | None, around: Surroundings) -> Installation:
    config, faults = _loaded(option)
    folder = (state or statedir.DEFAULT).absolute()
    holder = _holder(folder)
    announced = _announced(folder)
    url = None if faults else _url(config, announced)
    server = inspect(url) if url else None
    if server is not None and server.trouble and not holder and not config.redis.url:
        server = None  # what a killed `up` left behind is not asked for
    return Installation(
        config=config,
        faults=faults,
        state=folder,
        holder=holder,
        announced=announced is not None,
        server=server,
        url=url if server is not None and server.trouble is None else None,
        around=around,
    )


def _loaded(option: Path | None) -> tuple[Config, Sequence[ConfigFault]]:
    """The defaults, where it is refused."""
    try:
        return services.load_config(option), ()
    except ConfigError as error:
        return load(None, services.sections(), {}), error.faults


def _holder(state: Path) -> int | None:
    """Read, not locked: a lock held for a moment would keep an `up` from starting."""
    try:
        pid = int((state / "lock").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return pid if _is_guardian(pid) else None


def _is_guardian(pid: int) -> bool:
    """Numbers are used again after a restart of the machine."""
    try:
        return any("guardian" in word for word in psutil.Process(pid).cmdline())
    except psutil.AccessDenied:
        return True
    except psutil.Error:
        return False


def _announced(state: Path) -> str | None:
    try:
        client = statedir.client(state)
    except GuardianError:
        return None
    return client.url if client else None


def _url(config: Config, announced: str | None) -> str | None:
    return config.redis.url.get_secret_value() if config.redis.url else announced


def _notes(installation: Installation) -> list[str]:
    if installation.server is None and not installation.faults and not installation.announced:
        return [f"no Guardian runs in {installation.state}, so its store and workers were not looked at"]
    return []
