"""The scripts in `cases/`, and what each is about: its first line says `# expect: NAME | how`."""

from pathlib import Path

from guardian.scanner.policy import Policy

FOLDER = Path(__file__).parent / "cases"
POLICY = Policy(allowlist=("github.com", "api.github.com", "openrouter.ai", "discord.com", "api.openai.com"))
RULES = {
    "eval": "G101",
    "exec": "G102",
    "import-dunder": "G103",
    "importlib": "G104",
    "os-system": "G201",
    "os-popen": "G202",
    "os-exec": "G203",
    "os-spawn": "G204",
    "subprocess": "G205",
    "ctypes": "G301",
    "pickle": "G302",
    "shelve": "G303",
    "rmtree": "G401",
    "input": "G402",
    "system-write": "G403",
    "kill": "G404",
    "open-key": "G501",
    "open-env": "G502",
    "open-token": "G503",
    "open-webhook": "G504",
    "secret-place": "G505",
    "unknown-path": "G506",
    "urlopen": "G601",
    "requests": "G602",
    "url-literal": "G603",
    "unreadable": "G001",
}


def scripts(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (FOLDER / folder).glob("*.py"))


def expected(path: Path) -> set[str]:
    """The rules that would be right: an address in a call is one of the call and one by itself."""
    first = path.read_bytes().replace(b"\r", b"\n").split(b"\n")[0].decode("utf-8-sig")
    name = first.partition("expect:")[2].partition("|")[0].strip()
    rule = RULES[name]
    return {rule, "G603"} if rule in ("G601", "G602") else {rule}
