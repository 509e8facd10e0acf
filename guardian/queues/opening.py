"""From the configuration to the queues. No I/O yet."""

from datetime import timedelta

from guardian.config.queues import Params
from guardian.config.queues import Queue as Settings
from guardian.queues.base import Queue
from guardian.queues.celery_queue import CeleryQueue
from guardian.queues.folder import Folder
from guardian.queues.redis_list import RedisList
from guardian.queues.sql import Query, Rows
from guardian.queues.watched import Watched


def opened(params: Params) -> Watched:
    return Watched({name: _one(name, each, params.answer) for name, each in params.queues.items()}, params.answer)


def _one(name: str, settings: Settings, answer: timedelta) -> Queue:
    url = settings.url.get_secret_value() if settings.url else ""
    match settings:
        case Settings(folder=folder) if folder is not None:
            return Folder(name, folder, settings.pattern)
        case Settings(redis_list=key) if key is not None:
            return RedisList(name, url, key, settings.newest, settings.time, answer)
        case Settings(table=table) if table is not None:
            return Rows(name, url, table, settings.where, settings.key, settings.time, answer)
        case Settings(query=query) if query is not None:
            return Query(name, url, query, answer)
    return CeleryQueue(name, url, settings.celery_queue or "", answer)
