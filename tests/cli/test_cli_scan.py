"""`guardian scan` and `guardian rules`: exit codes, the three forms of output, policies and baselines."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from guardian.scanner import rules
from tests.cli.running import Program, shown_on

CLEAN, BAD = "print('hello')\n", "x = 1\ny = eval('x + 1')\n"
_SCHEMA = Path(__file__).parent / "schemas" / "sarif-2.1.0-rtm.5.json"


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")


def scanned(guardian: Program, *arguments: str, code: int) -> Any:
    ran = guardian("scan", "--format", "json", *arguments)
    assert ran.code == code, ran
    return json.loads(ran.out)


def test_the_exit_code_says_whether_anything_was_found(guardian: Program, folder: Path) -> None:
    put(folder, clean=CLEAN, bad=BAD)
    assert guardian("scan", "clean.py").code == 0
    assert guardian("scan", "bad.py").code == 1
    assert guardian("scan", "clean.py", "bad.py").code == 1
    assert guardian("scan", "nothing.py", "bad.py").code == 2
    assert guardian("scan").code == 2


def test_what_is_missing_is_said_and_the_rest_is_scanned(guardian: Program, folder: Path) -> None:
    put(folder, bad=BAD)
    ran = guardian("scan", "nothing.py", "bad.py")
    assert "nothing.py: there is no such file or folder" in ran.err
    assert "bad.py:2:5: G101 block" in ran.out


def test_the_place_is_pointed_at(guardian: Program, folder: Path) -> None:
    put(folder, bad=BAD)
    lines = guardian("scan", "bad.py").out.splitlines()
    assert lines[0] == "bad.py:2:5: G101 block"
    source = lines.index("    y = eval('x + 1')")
    assert lines[source + 1].startswith("        ^")
    assert lines[source + 1].strip("^ ") == ""
    assert [line[:12].split(":")[0].strip() for line in lines if line.startswith(("    why:", "    instead:"))] == [
        "why",
        "instead",
    ]
    assert lines[-2] == "1 file: 1 block"


@pytest.mark.parametrize(
    ("line", "shown", "mark"),
    [
        ("\tx = eval('1')", "x = eval('1')", "    ^"),
        ("x = '\u65e5\u672c'; eval('1')", "x = '\u65e5\u672c'; eval('1')", "            ^"),
        ("x = 'a\x1b[31m'; eval('1')", "x = 'a\ufffd[31m'; eval('1')", "              ^"),
        ("x = '" + "a" * 300 + "'; eval('1')", "a" * 21 + "'; eval('1')", " " * 24 + "^"),
    ],
)
def test_a_line_fits_whatever_is_in_it(guardian: Program, folder: Path, line: str, shown: str, mark: str) -> None:
    put(folder, odd="if 1:\n " + line.lstrip() + "\n" if line[0] != "\t" else "if 1:\n" + line + "\n")
    ran = guardian("scan", "odd.py")
    assert ran.code == 1
    assert f"    {shown}" in ran.out
    assert any(text[4:].startswith(mark) and text.strip(" ^") == "" for text in ran.out.splitlines())
    assert max(map(len, ran.out.splitlines())) <= 80
    assert "\x1b" not in ran.out


def test_colour_is_for_terminals_alone(folder: Path) -> None:
    put(folder, bad=BAD)
    code, text = shown_on(folder, 80, ["scan", "bad.py"])
    assert code == 1
    assert "\x1b[31m" in text
    assert "rich" not in text


def test_json_has_each_file_and_its_findings(guardian: Program, folder: Path) -> None:
    put(folder, clean=CLEAN, bad=BAD)
    found = scanned(guardian, "clean.py", "bad.py", code=1)
    assert found["verdict"] == "block"
    clean, bad = found["files"]
    assert (clean["path"], clean["verdict"], clean["findings"]) == ("clean.py", "allow", [])
    assert len(bad["sha256"]) == 64
    assert {"rule": "G101", "severity": "block", "line": 2, "column": 5}.items() <= bad["findings"][0].items()
    assert {"message", "snippet", "why", "instead"} <= bad["findings"][0].keys()


def test_stdin_is_scanned_under_the_name_given(
    guardian: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    assert scanned(guardian, "-", "--stdin-name", "made.py", code=1)["files"][0]["path"] == "made.py"


def test_a_folder_is_walked_and_what_is_left_out_is_said(guardian: Program, folder: Path) -> None:
    (folder / "in" / "deep").mkdir(parents=True)
    (folder / "in" / "env").mkdir()
    (folder / "in" / "env" / "pyvenv.cfg").touch()
    put(folder / "in", clean=CLEAN)
    put(folder / "in" / "deep", bad=BAD)
    put(folder / "in" / "env", lib=BAD)
    (folder / "in" / "tool").write_text("#!/usr/bin/env python3\n" + BAD)
    (folder / "in" / "notes").write_text("eval\n")
    (folder / "in" / "loop").symlink_to(folder / "in")
    found = scanned(guardian, "in", code=1)
    assert sorted(each["path"] for each in found["files"]) == ["in/clean.py", "in/deep/bad.py", "in/tool"]
    assert found["left_out"] == ["in/env"]
    assert "left out (1, --all scans them): in/env" in guardian("scan", "in").out
    assert len(scanned(guardian, "in", "--all", code=1)["files"]) == 4
    assert len(scanned(guardian, "in", "--exclude", "deep", code=1)["files"]) == 2


def test_many_files_are_scanned_by_several_processes_in_order(guardian: Program, folder: Path) -> None:
    (folder / "many").mkdir()
    for number in range(60):
        put(folder / "many", **{f"f{number:02}": BAD if number % 2 else CLEAN})
    found = scanned(guardian, "many", code=1)
    assert [each["path"] for each in found["files"]] == [f"many/f{number:02}.py" for number in range(60)]
    assert [each["verdict"] for each in found["files"]] == ["allow", "block"] * 30


@pytest.mark.parametrize("form", ["json", "text", "sarif"])
def test_what_cannot_be_read_is_blocked(guardian: Program, folder: Path, form: str) -> None:
    (folder / "broken.py").write_bytes(b"x = (\n")
    (folder / "nul.py").write_bytes(b"x = 1\0\n")
    ran = guardian("scan", "broken.py", "nul.py", "--format", form)
    assert ran.code == 1
    assert ran.out.count("G001") >= 2


def test_sarif_keeps_to_the_official_schema(guardian: Program, folder: Path) -> None:
    put(folder, clean=CLEAN, bad=BAD + "input()\n", **{"odd name\u00e9": BAD})
    (folder / "broken.py").write_bytes(b"x = (\n")
    (folder / "p.toml").write_text(
        "[scanner]\n[[scanner.exceptions]]\nrule = 'G402'\npath = '*'\nreason = 'asks its user'\n"
    )
    ran = guardian("scan", ".", "missing.py", "--format", "sarif", "--policy", "p.toml")
    assert ran.code == 2
    document = json.loads(ran.out)
    validator = jsonschema.Draft4Validator(json.loads(_SCHEMA.read_text(encoding="utf-8")))
    assert [error.message for error in validator.iter_errors(document)] == []
    (run,) = document["runs"]
    results = {(each["ruleId"], each["level"], "suppressions" in each) for each in run["results"]}
    assert {("G101", "error", False), ("G001", "error", False)} <= results
    assert any(rule == "G402" and suppressed for rule, _, suppressed in results)
    uris = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]}
    assert uris == {"bad.py", "broken.py", "odd%20name%C3%A9.py"}
    described = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    assert described == {rule.id for rule in rules()}
    assert run["invocations"][0]["executionSuccessful"] is False
    document["runs"][0]["results"][0]["level"] = "bad"
    assert not validator.is_valid(document)


def test_the_policy_is_the_one_named_else_the_configurations(guardian: Program, folder: Path) -> None:
    put(folder, bad=BAD)
    excepted = "[scanner]\n[[scanner.exceptions]]\nrule = 'G101'\npath = 'bad.py'\nreason = 'reviewed'\n"
    assert scanned(guardian, "bad.py", code=1)["policy_source"] == "the default"
    (folder / "guardian.toml").write_text(excepted)
    found = scanned(guardian, "bad.py", code=0)
    assert found["policy_source"] == "guardian.toml"
    assert found["files"][0]["excepted"][0]["reason"] == "reviewed"
    assert found["unused_exceptions"] == []
    assert "bad.py:2:5: G101 excepted: reviewed" in guardian("scan", "bad.py").out
    (folder / "strict.toml").write_text("[scanner]\n")
    assert scanned(guardian, "bad.py", "--policy", "strict.toml", code=1)["policy_source"] == "strict.toml"


def test_an_agent_has_a_policy_of_its_own(guardian: Program, folder: Path) -> None:
    put(folder, bad=BAD)
    (folder / "guardian.toml").write_text(
        "[[scanner.agents.writer.exceptions]]\nrule = 'G101'\npath = '*'\nreason = 'x'\n"
    )
    assert guardian("scan", "bad.py").code == 1
    assert guardian("scan", "bad.py", "--agent", "writer").code == 0


def test_a_policy_that_is_wrong_is_refused(guardian: Program, folder: Path) -> None:
    put(folder, clean=CLEAN)
    (folder / "p.toml").write_text("[scanner]\nmax_byte = 1\n")
    ran = guardian("scan", "clean.py", "--policy", "p.toml")
    assert ran.code == 2
    assert ran.err == "p.toml: scanner.max_byte: there is no such key, did you mean `max_bytes`?\n"
    assert guardian("scan", "clean.py", "--policy", "nothing.toml").code == 2


def test_the_script_cannot_except_itself_by_its_name_on_stdin(
    guardian: Program, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "guardian.toml").write_text(
        "[scanner]\n[[scanner.exceptions]]\nrule = 'G101'\npath = 'good.py'\nreason = 'reviewed'\n"
    )
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(BAD.encode())))
    assert guardian("scan", "-", "--stdin-name", "good.py").code == 1


def test_a_baseline_is_written_and_then_counts(guardian: Program, folder: Path) -> None:
    put(folder, bad=BAD)
    assert guardian("scan", "bad.py", "--write-baseline", "b.json").code == 2  # no reason
    assert guardian("scan", "bad.py", "--write-baseline", "b.json", "--reason", "x", "--expires", "soon").code == 2
    written = guardian("scan", "bad.py", "--write-baseline", "b.json", "--reason", "looked at")
    assert (written.code, written.out) == (0, "b.json: 1 findings\n")
    assert guardian("scan", "bad.py", "--baseline", "b.json").code == 0
    put(folder, bad=BAD + "#\n")
    ran = guardian("scan", ".", "--baseline", "b.json")
    assert ran.code == 1
    assert "b.json: exception of G101" in ran.out
    assert "is unused or over (looked at)" in ran.out


def test_what_counts_as_failing_can_be_set(guardian: Program, folder: Path) -> None:
    put(folder, asks="input()\n")
    severity = scanned(guardian, "asks.py", code=1)["files"][0]["findings"][0]["severity"]
    assert guardian("scan", "asks.py", "--fail-on", "block").code == (1 if severity == "block" else 0)


def test_rules_are_listed_and_shown(guardian: Program) -> None:
    listed = guardian("rules").out
    assert all(rule.id in listed for rule in rules())
    shown = guardian("rules", "g101")
    assert shown.code == 0
    assert shown.out.startswith("G101 ")
    assert {"what:", "why:", "instead:", "example:"} <= {line.split(" ")[0] for line in shown.out.splitlines()}
    assert json.loads(guardian("rules", "G101", "--json").out)["rules"][0]["id"] == "G101"
    refused = guardian("rules", "G10l")
    assert refused.code == 2
    assert "Did you mean 'G10" in refused.err


_IMPORTED = """
import json, sys
sys.argv = ["guardian", *sys.argv[1:]]
from guardian.cli.main import main
try:
    main()
finally:
    json.dump(sorted({name.partition(".")[0] for name in sys.modules}), sys.stderr)
"""
SLOW = {"celery", "kombu", "sqlalchemy", "pydantic", "rich", "redis", "requests", "asyncio", "apprise"}


_QUICK = SLOW | {"click", "pathlib", "urllib", "email", "importlib.util", "pkgutil", "ipaddress", "base64", "tomllib"}


def test_a_scan_that_is_given_paths_alone_loads_what_it_needs(folder: Path) -> None:
    put(folder, clean=CLEAN)
    code = _IMPORTED.replace('{name.partition(".")[0] for name in sys.modules}', "sys.modules")
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}\n{code}", "scan", "clean.py"],
        cwd=folder, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert done.stdout.startswith("1 file: 1 allow\n")
    imported = set(json.loads(done.stderr.splitlines()[-1]))
    assert "guardian.scanner.judge" in imported
    assert imported & _QUICK == set()


@pytest.mark.parametrize("paths", [("clean.py",), ("bad.py", "clean.py"), ("gone.py", "bad.py"), (".",), ("",)])
@pytest.mark.parametrize("table", [None, "[scanner]\nmax_bytes = 5\n", "[scanner]\nmax_byte = 5\n"])
def test_a_scan_without_options_is_the_same_as_with_what_they_default_to(
    guardian: Program, folder: Path, paths: tuple[str, ...], table: str | None
) -> None:
    put(folder, clean=CLEAN, bad=BAD)
    if table:
        (folder / "guardian.toml").write_text(table)
    plain, given = (guardian("scan", *options, *paths) for options in ((), ("--format", "text", "--fail-on", "review")))
    assert (plain.code, plain.err) == (given.code, given.err)
    assert [re.sub(r"\d\.\d\d s$", "", line) for line in plain.out.splitlines()] == [
        re.sub(r"\d\.\d\d s$", "", line) for line in given.out.splitlines()
    ]


def test_ctrl_c_ends_a_scan_quietly(guardian: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("guardian.cli.shared.scanning.policy", interrupted)
    for options in ((), ("--all",)):
        ran = guardian("scan", *options, "x.py")
        assert (ran.code, ran.out, ran.err.strip()) == (130, "", "")


@pytest.mark.parametrize("form", ["text", "json", "sarif"])
def test_nothing_slow_is_imported(folder: Path, form: str) -> None:
    put(folder, bad=BAD)
    (folder / "guardian.toml").write_text("[scanner]\nmax_bytes = '1MB'\n")
    for arguments in (["scan", "bad.py", "--format", form], ["scan", ".", "--format", form], ["rules"]):
        done = subprocess.run(
            [sys.executable, "-c", _IMPORTED, *arguments], cwd=folder, capture_output=True, text=True, check=False,
            timeout=60,
        )  # fmt: skip
        assert done.returncode in (0, 1), done.stderr
        imported = set(json.loads(done.stderr.splitlines()[-1]))
        assert "click" in imported
        assert imported & SLOW == set()
