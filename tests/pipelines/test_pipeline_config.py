from pathlib import Path

import pytest

from guardian.config import load
from guardian.errors import ConfigError
from guardian.services import sections, task_stores

FOLDER, SQL = 'path = "/srv/tasks"', 'url = "sqlite:////srv/tasks.db"\ntable = "tasks"'


def write(folder: Path, text: str) -> Path:
    file = folder / "guardian.toml"
    file.write_text(text)
    return file


def test_any_number_of_stores_are_opened_by_name_and_one_that_is_not_enabled_is_not(tmp_path: Path) -> None:
    text = (
        f"[pipelines.folder.a]\n{FOLDER}\n[pipelines.folder.b]\n{FOLDER}\nenabled = false\n[pipelines.sql.c]\n{SQL}\n"
    )
    assert [store.name for store in task_stores(load(write(tmp_path, text), sections(), {}))] == ["a", "c"]


def test_without_a_section_there_is_none() -> None:
    assert task_stores(load(None, sections(), {})) == ()


def test_a_databases_address_comes_from_a_file_or_the_environment_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("postgresql://u:hunter2@db/x\n")
    text = (
        f'[pipelines.sql.a]\nurl_file = "{tmp_path}/secret"\ntable = "t"\n'
        '[pipelines.sql.b]\nurl_env = "TASKS_URL"\ntable = "t"\n'
    )
    config = load(write(tmp_path, text), sections(), {"TASKS_URL": "sqlite:////srv/hunter2.db"})
    urls = [params.url.get_secret_value() for params in config.pipelines["sql"].values()]  # type: ignore[attr-defined]
    assert urls == ["postgresql://u:hunter2@db/x", "sqlite:////srv/hunter2.db"]
    assert "hunter2" not in repr(config)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[pipelines.folder.a]", "pipelines.folder.a.path: is missing"),
        (f"[pipelines.folder.a]\n{FOLDER}\nwriters = 'all'", "pipelines.folder.a.writers: "),
        (f"[pipelines.folder.a]\n{FOLDER}\ncap = 0", "pipelines.folder.a.cap: "),
        (f"[pipelines.folder.a]\n{FOLDER}\n[pipelines.folder.a.fields]\nid = ''", "pipelines.folder.a.fields.id: "),
        (f"[pipelines.folder.a]\n{FOLDER}\n[pipelines.folder.a.states]\ndone = []", "pipelines.folder.a.states.done"),
        (f"[pipelines.folder.a]\n{FOLDER}\n[pipelines.folder.a.limits]\nk = 'soon'", "pipelines.folder.a.limits.k: "),
        ("[pipelines.sql.a]\ntable = 't'", "has no address"),
        ("[pipelines.sql.a]\ntable = 't'\nurl = 'mysql://h/d'", "must begin with sqlite:/// or postgresql://"),
        ("[pipelines.sql.a]\ntable = 'a.b.c'\nurl = 'sqlite:////d'", "pipelines.sql.a.table: must be a table's name"),
        (f"[pipelines.folder.a]\n{FOLDER}\n[pipelines.sql.a]\n{SQL}", "has the name of a store in `pipelines.folder`"),
        ("[pipelines.mongo.a]", "pipelines.mongo"),
        ("pipelines = 3", "pipelines"),
        ("pipelines = {folder = 3}", "pipelines.folder"),
    ],
)
def test_a_mistake_is_said_with_its_key(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, text), sections(), {})
    assert fault in str(caught.value)
