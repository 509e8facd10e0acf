"""The rules as data: whole, true to the standard library, and each of them needed."""

import importlib
import sys
import warnings

import pytest

from guardian.scanner import rules, scan_source
from guardian.scanner.grades import GRADES
from guardian.scanner.report import Rule
from guardian.scanner.rules import ENTRIES, IMPORTS, RULES
from tests.scanner.disabled_rules import found, missed
from tests.scanner.reference import FOLDER, pages

_ELSEWHERE = frozenset(
    (
        "builtins.raw_input",
        "builtins.file",
        "msvcrt.getch",
        "msvcrt.getche",
        "msvcrt.getwch",
        "ctypes.WinDLL",
        "ctypes.OleDLL",
        "ctypes.windll",
        "ctypes.oledll",
        "_ctypes.LoadLibrary",
        "urllib.urlopen",
        "urllib.urlretrieve",
        "winreg.SaveKey",
        "os.startfile",
        "_winapi.CreateProcess",
        "platform.popen",
        "importlib.loader",
        "multiprocessing.reduction._ForkingPickler",
        "concurrent.interpreters.create().exec",
    )
)
"""Of Windows, of an older or newer Python, or a name of the scanner's own."""


def test_each_rule_disabled_makes_a_case_fail() -> None:
    caught = found()
    assert [rule.id for rule in rules() if not missed(rule.id, caught)] == []
    assert missed("", caught) == []


def test_each_entry_has_a_rule_and_a_grade() -> None:
    assert {entry.rule for entry in ENTRIES.values()} | set(IMPORTS.values()) <= RULES.keys()
    assert {entry.grade for entry in ENTRIES.values()} <= GRADES.keys()


_USED = ("os", "shutil", "subprocess", "importlib", "pickle", "shelve", "requests", "urllib.request", "sys", "signal")


@pytest.mark.parametrize("rule", [rule for rule in rules() if rule.id != "G001"], ids=lambda rule: rule.id)
def test_the_example_of_a_rule_is_found_by_it(rule: Rule) -> None:
    imports = "\n".join(f"import {name}" for name in _USED if f"{name}." in rule.example)
    assert rule.id in {each.rule for each in scan_source(f"{imports}\n{rule.example}\n").findings}


_GONE_SINCE_3_12 = {"importlib.find_loader", "pkgutil.ImpImporter", "pkgutil.ImpLoader"}


def test_names_of_the_standard_library_exist() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        known = [path for path in ENTRIES if path.partition(".")[0] in sys.stdlib_module_names]
        assert len(known) > 300
        missing = {path for path in known if path not in _ELSEWHERE and not _exists(path)}
    assert missing == (_GONE_SINCE_3_12 if sys.version_info >= (3, 12) else set())


def _exists(path: str) -> bool:
    parts = path.split(".")
    for count in range(len(parts), 0, -1):
        try:
            value: object = importlib.import_module(".".join(parts[:count]))
        except ImportError:
            continue
        for part in parts[count:]:
            if part.endswith((")", "]")):
                return True  # what a call gives is not looked at
            if not hasattr(value, part):
                return False
            value = getattr(value, part)
        return True
    return False


def test_the_pages_on_rules_are_those_of_the_rules() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")} == pages(), (
        "run `python -m tests.scanner.reference`"
    )
