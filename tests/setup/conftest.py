from tests.real_pm2 import pm2_home
from tests.real_supervisord import supervisord

__all__ = ["pm2_home", "supervisord"]
