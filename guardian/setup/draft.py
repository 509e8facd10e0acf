"""The first configuration file, out of what was found. Pure; valid TOML whatever names were met."""

import json
from collections.abc import Iterable, Sequence
from glob import escape

from guardian.diagnose.plain import brief
from guardian.setup.around import Found, SupervisordServer
from guardian.setup.told import ports_of_processes, told

_MOST = 200
_REMARK = 160
_LONGEST = 1000

_HEAD = """\
# Guardian's configuration, written by `guardian init`. Look it over with `guardian config check`; every other key
# stands, with its default, in what `guardian config example` prints."""

_MODE = """\
# `observe`: everything but acting; what would have been healed is shown. `guardian arm` switches the healing on.
mode = "observe\""""

_PROCESS_HEALTH = """\
# Every process of the supervisors above: restarted when it is down, unless it was stopped by hand.
[checks.process_health]"""

_EXPECT = """\
# Take the `#` away to be told as well when one of these is not there at all. One that is deleted on purpose then
# has to be taken out here."""


_LOG_ROTATION = """\
# Logs over 15 MB are rotated while their writers keep them open, and no line is lost. `*.log` may stand here.
[checks.log_rotation]"""

_NEXT = """\
# Next, when that is calm: restarts since a person acknowledged, restarts per hour, and oscillation. It never restarts
# anything, and has a process that it holds left alone.
#[checks.restart_anomaly]"""

_ALERTS = """\
# Alerts go to the log. More places, such as Discord, Telegram, Slack or e-mail (docs/alerts.md); `guardian notify test`
# tries them. The address is a secret, so it stands in a file of its own.
#[alerts.channels.ops]
#url_file = "/run/secrets/ops_url\""""


def draft(found: Found) -> str:
    parts = [
        _HEAD,
        "\n".join(["# What was found:", *(_remark(f"  {line}") for line in told(found))]),
        _MODE,
        *_pm2(found),
        *_supervisord(found.supervisord),
        "\n".join([_PROCESS_HEALTH, *_expect(found)]),
        _NEXT,
        *_log_rotation(found),
        *_later(found),
        _ALERTS,
    ]
    return "\n\n".join(parts) + "\n"


def text(value: str) -> str | None:
    """A TOML string; None where TOML cannot hold it (half of a surrogate pair), or nobody would read it."""
    try:
        if len(value.encode()) > _LONGEST:
            return None
    except UnicodeEncodeError:
        return None
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(values: Iterable[str]) -> str:
    written = [shown for value in values for shown in [text(value)] if shown is not None]
    return f"[{', '.join(written[:_MOST])}]"


def _remark(words: str) -> str:
    indent = " " * min(len(words) - len(words.lstrip(" ")), 4)
    return f"# {indent}{brief(words, _REMARK)}"


def _pm2(found: Found) -> Iterable[str]:
    if not found.pm2:
        return
    homes = f"homes = {_list(str(home.home) for home in found.pm2)}"
    if all(home.usual for home in found.pm2):
        yield f"# PM2 is found by itself in its usual place.\n#[supervisors.pm2]\n#{homes}"
    else:
        names = "# The processes of the first home keep their names; those of another are `name@HOME`."
        yield f"{names}\n[supervisors.pm2]\n{homes}"


def _supervisord(servers: Sequence[SupervisordServer]) -> Iterable[str]:
    if not servers:
        return
    troubles = [f"{each.address}: {each.fleet.error}" for each in servers if each.fleet.error is not None]
    says = [_remark(f"{trouble} (guardian doctor)") for trouble in troubles]
    login = ['#username = "guardian"', '#password_file = "/run/secrets/supervisord"'] if troubles else []
    sockets = f"sockets = {_list(each.address for each in servers)}"
    if all(each.usual for each in servers):
        found = "# supervisord is found by itself in its usual place."
        yield "\n".join([found, *says, "#[supervisors.supervisord]", f"#{sockets}", *login])
    else:
        names = "# The processes of the first daemon keep their names; those of another are `name@SOCKET`."
        yield "\n".join([names, *says, "[supervisors.supervisord]", sockets, *login])


def _expect(found: Found) -> Iterable[str]:
    names = [process.target for process in found.processes]
    if names:
        yield f"{_EXPECT}\n#expect = {_list(names)}"


def _later(found: Found) -> Iterable[str]:
    """Checks that this version does not have, with what they will look at."""
    urls = [f"http://127.0.0.1:{port}/" for port, _ in ports_of_processes(found)]
    if urls:
        yield _not_yet("dashboard_http", "an address that must answer", [f"#urls = {_list(urls)}"])
    if found.tasks:
        folders = [str(each.path) for each in found.tasks]
        yield _not_yet("pipeline_stall", "tasks that stand still", [f"#folders = {_list(folders)}"])


def _log_rotation(found: Found) -> Iterable[str]:
    """supervisord rotates what it writes itself."""
    rotated = {log for server in found.supervisord for process in server.fleet.processes for log in process.logs}
    files = _list(escape(name) for name in _largest(found) if name not in rotated)
    if files != _list(()):
        yield f"{_LOG_ROTATION}\nfiles = {files}"


def _largest(found: Found) -> Sequence[str]:
    return [str(log.path) for log in sorted(found.logs, key=lambda log: -log.bytes)]


def _not_yet(check: str, about: str, keys: Sequence[str]) -> str:
    return "\n".join([f"# For a later version: {about}.", f"#[checks.{check}]", *keys])
