"""Where secrets come from, and that they are never shown."""

import os
from pathlib import Path
from typing import Any

import pytest

from guardian.config import Config, load
from tests.config.sections import SECRET, SECTIONS, faults, loaded


def secret(config: Config) -> str | None:
    return config.redis.url.get_secret_value() if config.redis.url else None


def test_a_secret_comes_from_its_key_its_file_or_the_environment(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"  redis://:{SECRET}@file \nsecond line\n")
    assert secret(loaded(tmp_path, "[heal]\n", GUARDIAN_REDIS_URL="redis://environment")) == "redis://environment"
    assert secret(loaded(tmp_path, '[redis]\nprefix = "x"\n', GUARDIAN_REDIS_URL=" redis://e\n")) == "redis://e"
    assert secret(loaded(tmp_path, '[redis]\nurl = "redis://key"\n', GUARDIAN_REDIS_URL="")) == "redis://key"
    by_file = loaded(tmp_path, f'[redis]\nurl_file = "{tmp_path}/secret"\n')
    assert secret(by_file) == f"redis://:{SECRET}@file"
    assert SECRET not in repr(by_file)
    assert secret(load(None, SECTIONS, {"GUARDIAN_REDIS_URL": "redis://environment"})) == "redis://environment"


def test_two_sources_of_one_secret_are_a_fault_that_names_both(tmp_path: Path) -> None:
    given_by = "is given more than once, by `redis.url` and the environment variable `GUARDIAN_REDIS_URL`: keep one"
    both = faults(tmp_path, f'[redis]\nurl = "redis://{SECRET}"\n', GUARDIAN_REDIS_URL=f"redis://{SECRET}")
    assert both == [("guardian.toml", "redis.url", given_by)]
    [(_, _, reason)] = faults(tmp_path, '[redis]\nurl_file = "x"\n', GUARDIAN_REDIS_URL="redis://h")
    assert "`redis.url_file` and the environment variable `GUARDIAN_REDIS_URL`" in reason


def test_a_wrong_secret_is_reported_where_it_was_written(tmp_path: Path) -> None:
    wrong = "must begin with redis://, rediss:// or unix://"
    assert faults(tmp_path, "[heal]\n", GUARDIAN_REDIS_URL=SECRET) == [("environment", "GUARDIAN_REDIS_URL", wrong)]
    (tmp_path / "secret").write_text(SECRET)
    by_file = faults(tmp_path, f'[redis]\nurl_file = "{tmp_path}/secret"\n')
    assert by_file == [("guardian.toml", "redis.url_file", wrong)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "is empty"), (b"\nredis://h\n", "is empty"), (b"\xff\xfe", "is not UTF-8"), (b"x" * 65_537, "over 64 KiB")],
)
def test_a_secret_file_that_holds_none_is_a_fault(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "secret").write_bytes(content)
    [(_, key, said)] = faults(tmp_path, f'[redis]\nurl_file = "{tmp_path}/secret"\n')
    assert key == "redis.url_file"
    assert reason in said


def test_a_secret_file_that_would_never_end_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    [(_, _, reason)] = faults(tmp_path, f'[redis]\nurl_file = "{tmp_path}/pipe"\n')
    assert reason.endswith("is no regular file")


def test_plug_ins_have_secrets_of_their_own_and_in_lists(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(SECRET)
    token = f'{{ token_file = "{tmp_path}/secret" }}'
    text = f"[checks.process_health]\nendpoints = [{{}}, {token}]\nnamed.one = {token}\n"
    params: Any = loaded(tmp_path, text, GUARDIAN_KEY=SECRET).checks["process_health"].params
    for found in (params.key, params.endpoints[1].token, params.named["one"].token):
        assert found.get_secret_value() == SECRET
    assert params.endpoints[0].token is None


def test_a_secret_in_the_environment_switches_no_check_on(tmp_path: Path) -> None:
    assert not loaded(tmp_path, "[heal]\n", GUARDIAN_KEY="x").checks["process_health"].enabled
