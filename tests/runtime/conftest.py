from tests.real_pm2 import pm2_home
from tests.redis_server import redis_process, redis_server

__all__ = ["pm2_home", "redis_process", "redis_server"]
