"""What an argument list starts: a shell or interpreter on text, a recursive delete, a program that reads a secret."""

from __future__ import annotations

import re
from collections.abc import Sequence

from guardian.scanner import paths
from guardian.scanner.text import Parts, shown
from guardian.scanner.values import Unknown

_SHELLS = frozenset(
    [
        "sh",
        "bash",
        "zsh",
        "dash",
        "ksh",
        "ash",
        "fish",
        "csh",
        "tcsh",
        "rbash",
        "mksh",
        "pwsh",
        "powershell",
        "cmd",
        "busybox",
        "toybox",
    ]
)
_TEXT_FLAGS: dict[str, tuple[str, ...]] = {
    "python": ("-c", "-"),
    "pypy": ("-c", "-"),
    "perl": ("-e", "-E"),
    "ruby": ("-e",),
    "node": ("-e", "--eval", "-p", "--print"),
    "nodejs": ("-e", "-p"),
    "deno": ("eval",),
    "bun": ("-e",),
    "php": ("-r",),
    "lua": ("-e",),
    "osascript": ("-e",),
    "expect": ("-c",),
    "Rscript": ("-e",),
    "julia": ("-e",),
    "script": ("-c",),
    "su": ("-c",),
    "gdb": ("-ex",),
    "ipython": ("-c",),
    "psql": ("-c",),
    "make": ("-f", "--eval"),
    "vim": ("-c",),
}
_WRAPPERS = frozenset(
    [
        "env",
        "sudo",
        "doas",
        "nohup",
        "nice",
        "ionice",
        "timeout",
        "time",
        "stdbuf",
        "setsid",
        "xargs",
        "exec",
        "command",
        "unshare",
        "chroot",
        "flock",
        "taskset",
        "strace",
        "watch",
        "start",
        "runuser",
        "systemd-run",
        "firejail",
        "proxychains",
        "torsocks",
        "catchsegv",
        "dbus-run-session",
    ]
)
_SENDERS = frozenset(
    [
        "curl",
        "wget",
        "nc",
        "ncat",
        "netcat",
        "socat",
        "telnet",
        "ftp",
        "sftp",
        "scp",
        "rsync",
        "aria2c",
        "http",
        "https",
    ]
)
_READERS = frozenset(
    [
        "cat",
        "less",
        "more",
        "head",
        "tail",
        "cp",
        "mv",
        "grep",
        "egrep",
        "awk",
        "sed",
        "tee",
        "dd",
        "base64",
        "xxd",
        "od",
        "strings",
        "source",
        "type",
        "sort",
        "cut",
        "tar",
        "zip",
        "gzip",
        "scp",
        "rsync",
        "curl",
        "openssl",
        "nl",
        "tac",
        "rev",
        "hexdump",
        "bat",
        "vi",
        "vim",
        "nano",
        "code",
        "ln",
        "install",
        "diff",
        "cmp",
        "wc",
        "jq",
        "yq",
        "copy",
        "gpg",
        "python",
        "get-content",
    ]
)
_TELLING = {
    "gh": (("auth", "token"),),
    "gcloud": (("auth", "print-access-token"), ("auth", "print-identity-token"), ("secrets", "versions")),
    "aws": (
        ("configure", "get"),
        ("secretsmanager", "get-secret-value"),
        ("sts", "get-session-token"),
        ("ssm", "get-parameter"),
    ),
    "az": (("account", "get-access-token"), ("keyvault", "secret")),
    "kubectl": (("get", "secret"), ("get", "secrets"), ("create", "token"), ("config", "view")),
    "vault": (("kv", "get"), ("read",), ("token", "lookup")),
    "security": (("find-generic-password",), ("find-internet-password",), ("dump-keychain",)),
    "secret-tool": (("lookup",), ("search",)),
    "op": (("read",), ("item", "get")),
    "pass": (("show",),),
    "bw": (("get",), ("list",)),
    "git": (("credential", "fill"), ("credential-cache", "get"), ("credential-store", "get")),
    "heroku": (("auth:token",),),
    "npm": (("token",),),
}
"""Programs that print a secret, and by which first words."""
_PROGRAM_IN = {
    "git": re.compile(
        r"^(core\.(pager|editor|sshcommand|fsmonitor|hookspath)|alias\.[^=]+=!|diff\.external)|(^|=)ext::|"
        r"^--(upload|receive)-pack=",
        re.IGNORECASE,
    ),
    "tar": re.compile(r"^--(checkpoint-action=exec|to-command|use-compress-program|rsh-command|info-script)|^-[IF]"),
    "zip": re.compile(r"^-TT|^--unzip-command"),
    "rsync": re.compile(r"^-\w*e$|^--(rsh|rsync-path)"),
    "scp": re.compile(r"^-S$|ProxyCommand", re.IGNORECASE),
    "sort": re.compile(r"^--compress-program"),
    "sqlite": re.compile(r"^\.(shell|system)\b"),
    "sed": re.compile(r"^([\d,$]+|s([^\w\s]).*\2)e$"),
}
"""Options by which a harmless program is told to run another one."""
_RECURSIVE = re.compile(r"-[a-zA-Z]*[rR][a-zA-Z]*$|--recursive$")


def name_of(program: Parts) -> str:
    """Of the program, without folder, version and `.exe`; "" where it is not known."""
    if program and isinstance(program[-1], Unknown):
        return "python" if program[-1].origin == "executable" else ""
    text = shown(program).replace("\\", "/").rpartition("/")[2].lower()
    return re.sub(r"[\d.]+$", "", text.removesuffix(".exe").removesuffix(".cmd").removesuffix(".bat"))


def unwrapped(args: Sequence[Parts]) -> Sequence[Parts]:
    """Without `env A=b`, `sudo -u x`, `timeout 5` and the like before the program."""
    count = 0
    while args and name_of(args[0]) in _WRAPPERS and count < 8:  # noqa: PLR2004
        count += 1
        args = args[1:]
        while len(args) > 1 and _is_option(shown(args[0])):
            args = args[1:]
    return args


def _is_option(text: str) -> bool:
    return text.startswith("-") or "=" in text or bool(re.fullmatch(r"[\d.]+[smhd]?", text))


def runs_text(args: Sequence[Parts], *, more: bool, fed: bool) -> bool:
    """A shell or an interpreter that gets its script as an argument, or through stdin (`fed`)."""
    args = unwrapped(args)
    program = name_of(args[0]) if args else ""
    rest = [shown(each) for each in args[1:]]
    if program in ("busybox", "toybox"):
        return bool(rest) and runs_text(args[1:], more=more, fed=fed)
    if program in _SHELLS:
        flagged = any(
            re.match(r"-[a-z]*c|/[ck]$|-(en|e)?c\w*|-command|--command|-s$|-$", each.lower()) for each in rest
        )
        return flagged or fed or (more and not rest) or not rest
    if program == "find":
        return any(each in ("-exec", "-execdir", "-ok") for each in rest)
    if program in ("tclsh", "ssh", "at", "batch", "crontab", "parallel", "rundll32", "regsvr32", "mshta"):
        return True
    if program in ("awk", "gawk", "mawk"):
        return any("system(" in each or "getline" in each for each in rest)
    if (runs := _PROGRAM_IN.get(program)) is not None and any(runs.search(each) for each in rest):
        return True
    if program in ("python", "pypy") and rest[:2] in (["-m", "timeit"], ["-m", "pdb"], ["-m", "code"]):
        return True
    if program == "docker":
        return bool(rest) and rest[0] in ("exec", "run")
    flags = _TEXT_FLAGS.get(program) or _TEXT_FLAGS.get(program.rstrip("w"))
    if flags is None:
        return False
    return (fed and not rest) or any(_flagged(each, flags) for each in rest)


def _flagged(argument: str, flags: Sequence[str]) -> bool:
    if argument in flags:
        return True
    short = [flag[1] for flag in flags if len(flag) == 2 and flag[0] == "-" and flag != "--"]  # noqa: PLR2004
    return bool(short) and bool(re.match(rf"-[a-zA-Z]*[{''.join(short)}]", argument)) and not argument.startswith("--")


def deletes(args: Sequence[Parts]) -> bool:
    args = unwrapped(args)
    program = name_of(args[0]) if args else ""
    rest = [shown(each) for each in args[1:]]
    if program in ("busybox", "toybox"):
        return deletes(args[1:])
    if program in ("rm", "srm", "unlink"):
        return any(_RECURSIVE.match(each) for each in rest)
    if program == "find":
        return "-delete" in rest or "rm" in rest
    if program == "git":
        return "clean" in rest
    if program in ("rd", "rmdir", "del", "erase"):
        return any(each.lower() == "/s" for each in rest)
    if program == "rsync":
        return any(each.startswith("--delete") for each in rest)
    return program in ("shred", "wipe", "rimraf", "mkfs", "remove-item", "trash")


def kills(args: Sequence[Parts]) -> bool:
    args = unwrapped(args)
    return bool(args) and name_of(args[0]) in (
        "kill",
        "pkill",
        "killall",
        "taskkill",
        "fuser",
        "xkill",
        "shutdown",
        "reboot",
    )


def secrets_in(args: Sequence[Parts]) -> set[str]:
    """The rules that its arguments fall under, as files it would read."""
    args = unwrapped(args)
    found = set()
    program = name_of(args[0]) if args else ""
    words = [shown(each) for each in args[1:] if not shown(each).startswith("-")]
    if any(tuple(words[: len(first)]) == first for first in _TELLING.get(program, ())):
        found.add("G503")
    for each in args[1:]:
        text = shown(each)
        for piece in {text, text.rpartition("=")[2], text.lstrip("@"), text.rpartition("@")[2]}:
            rule = paths.secret((piece,)) if piece and not piece.startswith("-") else None
            if rule and (program in _READERS or rule == "G505" or "/" in piece or piece.startswith(".")):
                found.add(rule)
    return found


def sends(args: Sequence[Parts]) -> list[str]:
    """The addresses that a client program is told to go to."""
    args = unwrapped(args)
    if not args or name_of(args[0]) not in _SENDERS:
        return []
    return [shown(each) for each in args[1:] if not shown(each).startswith("-")]
