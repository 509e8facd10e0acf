"""What the figures were measured on."""

import os
import platform

from tests.real_pm2 import RealPm2


def load() -> str:
    """Of the last minute, and of the last five."""
    return "{:.1f} {:.1f}".format(*os.getloadavg())


def facts(pm2: RealPm2) -> str:
    return (
        f"{os.cpu_count()} cores (load average {load()}), {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, PM2 {pm2.call('getVersion', {})}"
    )
