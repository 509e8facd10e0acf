"""Lines of a JSON log, written as its owner does."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def append(path: Path, *lines: Mapping[str, Any]) -> None:
    with path.open("a") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
