"""Programs from Debian's packages, for what is tested or measured beside them."""

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence

_APT = ("apt-get", "-q", "-o", "DPkg::Lock::Timeout=300")


def program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join(("/usr/bin", "/usr/sbin", os.environ.get("PATH", ""))))


def hindrance(packages: Mapping[str, str]) -> str | None:
    """Why the programs (with the package of each) cannot be had here, or None. As root it installs what is missing."""
    missing = [package for name, package in packages.items() if not program(name)]
    if not missing:
        return None
    words = " and ".join(missing)
    if os.geteuid() != 0:
        return f"{words} is missing, and only root can install it"
    if not shutil.which("apt-get"):
        return f"{words} is missing, and there is no apt-get to install it"
    return None if _installed(missing) else f"apt-get cannot install {words}"


def _installed(packages: Sequence[str]) -> bool:
    quietly = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        for order in (("update",), ("install", "-y", "--no-install-recommends", *packages)):
            subprocess.run([*_APT, *order], env=quietly, capture_output=True, timeout=600, check=True)
    except (OSError, subprocess.SubprocessError):
        return False
    return True
