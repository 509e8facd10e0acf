"""Secrets go, look-alikes stay, and no input makes it slow."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardian.diagnose.plain import brief, plain, plain_json
from guardian.diagnose.redact import redact

# Put together here, so that no scanner takes this file for a leak.
BODY = "aB3dE5gH7jK9mN1pQ3sT5vX7zA9cD1fG3hJ5"
SECRETS = [
    "sk-" + BODY,
    "sk-ant-api03-" + BODY + "_x-Y",
    "sk-or-v1-" + BODY,
    "ghp_" + BODY,
    "gho_" + BODY,
    "github_pat_11AAAAAAA0" + BODY,
    "glpat-" + BODY[:20],
    "xoxb-123456789012-" + BODY,
    "xoxp-123456789012-" + BODY,
    "xoxa-2-" + BODY,
    "AKIA" + "IOSFODNN7EXAMPLE",
    "AIza" + BODY[:35],
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0." + BODY,
    "123456789:AA" + BODY[:33],
    "hf_" + BODY,
]
AROUND = [
    "{}",
    "key {} used",
    "({})",
    '"{}"',
    "x={}",
    "error: {}.",
    "bot: {}, next",
    "https://h.example/p?k={}&a=1",
]


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("secret", SECRETS)
def test_a_token_of_a_known_shape_is_masked_wherever_it_stands(secret: str, around: str) -> None:
    shown = redact(around.format(secret))
    assert secret[:4] + "***" in shown
    assert secret[6:] not in shown
    assert shown.replace(secret[:4] + "***", "{}") in {around, around.replace(".", "")}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Authorization: Bearer abc123def456ghi7", "Authorization: Bearer abc1***"),
        ("authorization: Basic dXNlcjpwYXNzd29yZA==", "authorization: Basic dXNl***"),
        ("curl -H 'Bearer abcDEF123456789'", "curl -H 'Bearer abcD***'"),
        ("redis://:s3cr3t@10.0.0.1:6379/0", "redis://:***@10.0.0.1:6379/0"),
        ("postgresql+psycopg://bob:p@ss:word-long@db/x", "postgresql+psycopg://bob:p@ss***@db/x"),
        ("https://discord.com/api/webhooks/123/" + BODY, "https://discord.com/api/webhooks/123/aB3d***"),
        (
            "https://discordapp.com/api/v10/webhooks/1/" + BODY,
            "https://discordapp.com/api/v10/webhooks/1/aB3d***",
        ),
        ("https://hooks.slack.com/services/T000/B000/" + BODY, "https://hooks.slack.com/services/T000***"),
        (
            f"https://api.telegram.org/bot123456789:AA{BODY[:33]}/send",
            "https://api.telegram.org/bot1234***/send",
        ),
        ("password=hunter2", "password=***"),
        ("DB_PASSWORD='correct horse battery'", "DB_PASSWORD='corr***'"),
        ('{"api_key": "abcdefghijklmnop", "n": 1}', '{"api_key": "abcd***", "n": 1}'),
        ("{'client_secret': 'abcdefghijklmnop'}", "{'client_secret': 'abcd***'}"),
        (r"{\"token\": \"abcdefghijklmnop\"}", r"{\"token\": \"abcd***\"}"),
        ("https://h/x?access_token=abcdefghijkl&page=2", "https://h/x?access_token=abcd***&page=2"),
        ("x-api-key: abcdefghijklmnop", "x-api-key: abcd***"),
        ("passwd: 123456", "passwd: ***"),
        ("start --api-key abcdefghijklmnop --max-tokens 512", "start --api-key abcd*** --max-tokens 512"),
        ("a=token=abcdefghijklmnop", "a=token=abcd***"),
        ("token password=hunter2", "token password=***"),
        ('"password": "cut off in the midd', '"password": "cut ***'),
    ],
)
def test_a_secret_that_its_surroundings_name_is_masked(text: str, shown: str) -> None:
    assert redact(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "commit da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "token count: 512",
        "tokens=512",
        "max_tokens: 4096, total_tokens=12)",
        '{"prompt_tokens": 3, "completion_tokens": 1.5e3}',
        "SyntaxError: Unexpected token: name",
        "tokenizer=cl100k_base",
        "Basic authentication failed",
        "Bearer authentication required",
        "secretary: Bob",
        "password=",
        "token: null",
        "scheduling task-abcdefghijklmnopqrstuvwxyz-1234",
        "class sk-container-toggle-label-arrow",
        "http://localhost:8080/path/@user",
        "2026-11-23T10:00:00 12345678:da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "File \"/srv/app/token.py\", line 3, in <module>",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "the password is wrong",
    ],
)  # fmt: skip
def test_what_only_looks_alike_is_left_alone(text: str) -> None:
    assert redact(text) == text


PIECES = [
    "eyJ",
    "token",
    "password=",
    "a.",
    "://a:",
    "sk-",
    '\\"token\\":',
    "--token ",
    "'",
    '"token":"',
    "Bearer ",
    "1234567:",
    "M" * 24 + ".",
    " ",
    "\t",
    "token \t",
    "discord.com/api/webhooks/1/",
    "api",
    "_",
    "-",
    "://:@",
    "=",
    ":",
    "\\",
    "x" * 30,
    "***",
    "9",
    "\n",
    "é",
]


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_it_never_raises_and_the_second_time_changes_nothing(text: str) -> None:
    once = redact(text)
    assert len(once) <= len(text) + 3 * (len(text) + 1)
    assert redact(once) == once


@pytest.mark.parametrize("piece", PIECES)
def test_time_grows_no_faster_than_the_text(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        runs = []
        for _ in range(3):
            started = time.process_time()
            redact(text)
            runs.append(time.process_time() - started)
        return min(runs)

    small, large = seconds(20_000), seconds(320_000)
    assert large < 48 * max(small, 0.001)  # 16 times the text; quadratic would be 256 times the time


def test_facts_lose_their_secrets_by_name_and_by_shape_and_stay_json() -> None:
    deep: dict[str, object] = {}
    inner = deep
    for _ in range(50):
        inner["x"] = inner = {}
    facts = {
        "exit_code": 1,
        "api_key": "abcdefghijklmnop",
        "line": "sk-" + BODY,
        "nan": float("nan"),
        "many": list(range(1000)),
        "deep": deep,
        "odd": {1: b"\xff", "when": object},
    }
    shown = plain_json(facts)
    assert isinstance(shown, dict)
    assert (shown["exit_code"], shown["api_key"], shown["line"]) == (1, "abcd***", "sk-a***")
    assert len(json.dumps(shown, allow_nan=False)) < 5_000


def test_control_characters_cannot_hide_a_secret_nor_reach_a_terminal() -> None:
    hidden = "\x1b[31msk-aB3d\u200bE5gH7j\x00K9mN1pQ3\x1b[0msT5vX7zA9\x1b]0;title\x07\r\nnext\u202eevil"
    assert plain("a\tb\r\nc") == "a b  c"
    assert brief(hidden, 100) == "sk-a***  nextevil"
    assert brief("x" * 30, 10) == "x" * 9 + "…"
    assert brief("\ud800", 10).encode() == "\ufffd".encode()
