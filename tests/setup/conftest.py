from tests.real_pm2 import pm2_home

__all__ = ["pm2_home"]
