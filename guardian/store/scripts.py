"""The Lua scripts: each is its own file behind the names of the keys and `common.lua`; atomic, `now` handed in.

A file's text becomes the function `script`; what it changed goes into the history's stream before it answers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
from redis.commands.core import Script

from guardian.errors import StoreError
from guardian.store.keys import HISTORY_LENGTH, HISTORY_VERSION, SCHEMA, Keys

_FOLDER = Path(__file__).parent / "lua"
_COMMON = "common"
_WHOLE = "{head}\nlocal function script()\n{body}\nend\nlocal answer = script()\nwrite_history()\nreturn answer\n"

Server = Any
"""A redis-py client with decoded answers; its own annotations speak of bytes and of asyncio at once."""


class Scripts:
    """`scripts.run("claim", ...)` runs `lua/claim.lua`. Raises StoreError when the server is away or refuses."""

    def __init__(self, server: Server, keys: Keys, history: int = HISTORY_LENGTH) -> None:
        head = _names(keys, history) + (_FOLDER / f"{_COMMON}.lua").read_text(encoding="utf-8")
        self._scripts: dict[str, Script] = {
            file.stem: server.register_script(_WHOLE.format(head=head, body=file.read_text(encoding="utf-8")))
            for file in _FOLDER.glob("*.lua")
            if file.stem != _COMMON
        }

    def run(self, name: str, *arguments: str | int) -> Any:
        with server_errors():
            return self._scripts[name](args=list(arguments))


def _names(keys: Keys, history: int) -> str:
    pairs = ", ".join(f"{name} = {_lua_string(key)}" for name, key in keys.names().items())
    numbers = {"SCHEMA": SCHEMA, "HISTORY_VERSION": HISTORY_VERSION, "HISTORY_LENGTH": history}
    return "".join(f"local {name} = {number}\n" for name, number in numbers.items()) + f"local K = {{{pairs}}}\n"


def _lua_string(text: str) -> str:
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'


@contextmanager
def server_errors() -> Iterator[None]:
    """Whatever redis-py raises becomes StoreError."""
    try:
        yield
    except redis.TimeoutError as error:
        raise StoreError(f"Redis: {error}", fault="silent") from error
    except redis.ConnectionError as error:
        raise StoreError(f"Redis: {error}", fault="away") from error
    except redis.RedisError as error:
        raise StoreError(f"Redis: {error}") from error
