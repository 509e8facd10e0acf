"""What the figures were measured on."""

import os
import platform

from tests.real_pm2 import RealPm2


def facts(pm2: RealPm2) -> str:
    load = os.getloadavg()[0]
    return (
        f"{os.cpu_count()} cores (load {load:.1f}), {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, PM2 {pm2.call('getVersion', {})}"
    )
