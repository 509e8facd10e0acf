"""Which policy a scan goes by, where nobody hands one in. What reads a file of it is loaded where there is one."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from guardian.scanner.policy import Policy

if TYPE_CHECKING:  # slow to load
    from pathlib import Path

VARIABLE, DEFAULT = "GUARDIAN_CONFIG", "guardian.toml"
"""As guardian.config.source has them, which is slow to load."""


def found(option: "Path | None", environ: Mapping[str, str]) -> "tuple[Policy, Path | None]":
    """The policy to go by and its file: the option, else that of the configuration, which is $GUARDIAN_CONFIG, else
    ./guardian.toml; without a file the default. Raises ConfigError."""
    named = environ.get(VARIABLE)
    if option is None and not named and not os.path.lexists(DEFAULT):
        return Policy(), None
    from pathlib import Path  # noqa: PLC0415

    from guardian.scanner import policy_file  # noqa: PLC0415

    if option is not None:
        return policy_file.load(option), option
    path = Path(named or DEFAULT)
    return policy_file.policy_of(policy_file.read(path), path), path
