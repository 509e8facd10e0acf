"""The only plug-in mechanism: a module in a folder is a plug-in, its file name is its id."""

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType, ModuleType
from typing import Any

from guardian.errors import PluginError

_NOT_PLUGINS = frozenset({"base", "shared", "__main__"})


def discover(package: str, attribute: str) -> Mapping[str, Any]:
    """`{module name: its attribute}` of every module in `package`, sorted by name; `base` and `shared` are no plug-ins.

    Raises PluginError naming the module that lacks the attribute. Imports each module once per process.
    """
    return _discover(package, attribute)


@cache
def _discover(package: str, attribute: str) -> Mapping[str, Any]:
    parent = importlib.import_module(package)
    names = sorted(info.name for info in pkgutil.iter_modules(parent.__path__) if info.name not in _NOT_PLUGINS)
    return MappingProxyType(
        {name: _attribute(importlib.import_module(f"{package}.{name}"), attribute) for name in names}
    )


def _attribute(module: ModuleType, attribute: str) -> Any:
    try:
        return getattr(module, attribute)
    except AttributeError:
        raise PluginError(f"{module.__name__} has no {attribute}: each module of its folder must define one") from None
