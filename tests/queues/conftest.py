from tests.postgres_server import postgres_process, postgres_url
from tests.redis_server import redis_process, redis_server

__all__ = ["postgres_process", "postgres_url", "redis_process", "redis_server"]
