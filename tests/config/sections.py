"""Made-up sections that have something of everything, and short ways to load a file with them."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Self

import pytest
from pydantic import Field, model_validator

from guardian.config import CheckSection, Config, Sections, load
from guardian.config.tree import file_model
from guardian.errors import ConfigError
from guardian.settings import ByteSize, Duration, Model, Secret, UserPath
from guardian.supervisors.pm2 import Params as Pm2Params

SECRET = "hunter2"  # noqa: S105  in every broken file
TEN_SECONDS = timedelta(seconds=10)


class Endpoint(Model):
    """One of a list."""

    host: str = "localhost"
    """Where."""
    token: Secret | None = None
    """Proves who asks."""
    token_file: UserPath | None = None
    """A file with it."""


class Params(Model):
    size: ByteSize = 15_000_000
    """How large."""
    patience: Duration = timedelta(minutes=5)
    """How long."""
    endpoints: tuple[Endpoint, ...] = Field((), strict=False)
    """Where to look."""
    key: Secret | None = Field(None, json_schema_extra={"env": "GUARDIAN_KEY"})
    """Opens it."""
    named: Mapping[str, Endpoint] = Field(default_factory=dict)
    """By name."""
    limit: int | str = 1
    """A number, or a word."""
    most: int = 5
    """At least `fewest`."""
    fewest: int = 1
    """At most `most`."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.fewest > self.most:
            raise ValueError("`fewest` must be at most `most`")
        return self


SECTIONS = Sections(
    checks={
        "process_health": CheckSection("Process health", TEN_SECONDS, Params),
        "disk_space": CheckSection("Disk space", timedelta(minutes=1), Model),
    },
    supervisors={"pm2": Pm2Params},
)

ROOT = file_model(SECTIONS)


def loaded(folder: Path, text: str, **environ: str) -> Config:
    file = folder / "guardian.toml"
    file.write_text(text)
    return load(file, SECTIONS, environ)


def faults(folder: Path, text: str, **environ: str) -> list[tuple[str, str, str]]:
    with pytest.raises(ConfigError) as caught:
        loaded(folder, text, **environ)
    return [(Path(fault.file).name, fault.key, fault.reason) for fault in caught.value.faults]


def known_paths(model: type[Model], at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        yield (*at, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, Model):
            yield from known_paths(field.annotation, (*at, name))
