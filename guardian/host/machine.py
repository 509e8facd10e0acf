"""Which machine this is, and which process."""

import os
import platform
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_KEPT = 12


@cache
def machine() -> str:
    """The same for all containers of one machine, and different on another one of the same name. On Linux it lasts
    until the machine is started anew."""
    if sys.platform == "linux":
        with suppress(OSError):
            return _BOOT.read_text(encoding="ascii").strip().replace("-", "")[:_KEPT]
    return host()


def host() -> str:
    return platform.node() or "localhost"


def shares_files(pid: int) -> bool:
    """Whether a process sees the files that this one sees: one in a container does not. True where nobody may tell."""
    try:
        return os.path.samestat(Path(f"/proc/{pid}/root").stat(), Path("/").stat())
    except OSError:
        return True


def user() -> int:
    """The number of the user that this process acts as; -1 where there are none."""
    return os.geteuid() if hasattr(os, "geteuid") else -1


def user_name(number: int) -> str:
    """The number itself where it has no name."""
    with suppress(ImportError, KeyError):
        import pwd  # noqa: PLC0415  not on every system

        return pwd.getpwuid(number).pw_name
    return str(number)
