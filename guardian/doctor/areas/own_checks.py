"""The operator's own checks: folders that are refused, files that are broken, commands that are not there."""

import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from guardian.checks.command import Params
from guardian.doctor.base import Area, Hit, Installation, Rule, of_a_folder
from guardian.errors import ConfigFault
from guardian.model import Severity
from guardian.services import plugin_faults


@dataclass(frozen=True)
class Facts:
    """`missing`: checks, with each program that they cannot run."""

    refused: Sequence[ConfigFault]
    broken: Sequence[ConfigFault]
    missing: Sequence[tuple[str, str]]


def gather(installation: Installation) -> Facts:
    refused = [fault for fault in installation.faults if of_a_folder(fault)]
    if installation.faults:
        return Facts(refused, (), ())
    return Facts(refused, plugin_faults(installation.config), _missing(installation))


def _missing(installation: Installation) -> list[tuple[str, str]]:
    config = installation.config
    folder = Path(config.source).absolute().parent if config.source else Path.cwd()
    return [
        (name, program)
        for name, check in config.checks.items()
        if check.enabled and isinstance(check.params, Params)
        for program in _programs(check.params)
        if not _runs(program, folder / (check.params.cwd or ""))
    ]


def _programs(params: Params) -> Sequence[str]:
    return [arguments[0] for arguments in (params.run, params.heal) if arguments]


def _runs(program: str, cwd: Path) -> bool:
    if os.sep in program:
        return os.access(cwd / program, os.X_OK)
    return shutil.which(program) is not None


def _refused(facts: Facts) -> Iterable[Hit]:
    for fault in facts.refused:
        yield Hit(str(fault), "mend the folder, or take it out of `plugins`")


def _broken(facts: Facts) -> Iterable[Hit]:
    return [Hit(str(fault), "correct that file, then: guardian config check") for fault in facts.broken]


def _gone(facts: Facts) -> Iterable[Hit]:
    for name, program in facts.missing:
        yield Hit(f"check {name}: {program} is not there, or cannot be run", f"correct `run`, or: chmod +x {program}")


AREA = Area(
    "your own checks",
    gather,
    (
        Rule("plugin_folder", Severity.CRITICAL, "a plug-in folder is missing, or strangers may write in it",
             "Guardian does not start with it", _refused),
        Rule("plugin_broken", Severity.HIGH, "a file in a plug-in folder is broken or left out",
             "its check answers unknown", _broken),
        Rule("command_missing", Severity.HIGH, "the program of a command check is not there",
             "the check answers unknown", _gone),
    ),
)  # fmt: skip
