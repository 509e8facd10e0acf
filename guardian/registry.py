"""The only plug-in mechanism: a module in a folder is a plug-in, its file name is its id.

The folder is one of Guardian's own packages, or one of the operator's, made a package by `package_of`.
"""

import importlib
import pkgutil
import sys
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
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
    return MappingProxyType({name: load(package, name, attribute)[attribute] for name in modules(package)})


def modules(package: str) -> Sequence[str]:
    """The names of the plug-ins in `package`, sorted. Imports none. What begins with `_` helps the others."""
    parent = importlib.import_module(package)
    names = sorted(info.name for info in pkgutil.iter_modules(parent.__path__))
    return [name for name in names if name not in _NOT_PLUGINS and not name.startswith("_")]


def load(package: str, name: str, *attributes: str) -> Mapping[str, Any]:
    """Those of the attributes that the module has. Raises PluginError when it has none, and what its import raises."""
    module = importlib.import_module(f"{package}.{name}")
    found = {attribute: getattr(module, attribute) for attribute in attributes if hasattr(module, attribute)}
    if not found:
        wanted = " or ".join(attributes)
        raise PluginError(f"{module.__name__} has no {wanted}: each module of its folder must define one")
    return found


def package_of(folder: Path) -> str:
    """The name under which the files of a folder are imported, each once per process. They may import each other as
    in any package: `from ._shared import thing`."""
    name = f"guardian_own_{zlib.crc32(str(folder).encode()):08x}"
    if name not in sys.modules:
        package = ModuleType(name, f"The operator's own plug-ins in {folder}.")
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    return name
