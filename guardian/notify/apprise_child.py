"""The process that loads Apprise and delivers with it: `python -m guardian.notify.apprise_child`.

A request is a line of JSON on stdin, its answer one on stdout; it ends with its stdin. It is a process of its own for
three reasons: Apprise bounds each read but no delivery as a whole, and a process can be killed at the limit; it says
only true or false of a delivery, and here the libraries below it can be watched without changing them for anybody else;
its logger writes addresses, and here nothing that is logged goes anywhere.
"""

import json
import os
import re
import signal
import smtplib
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any

import apprise
import requests
from apprise import Apprise, AppriseAsset, NotifyBase, NotifyFormat

from guardian.notify.retry_after import retry_after
from guardian.notify.shaping import code_block, cut, escaped, fitted, harmless, length

_MEMORY_BYTES = 512 * 2**20
_TRY_LATER = frozenset({408, 425, 429})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9]{1,31})://")
_WEB = frozenset({"http", "https"})
_LONGEST_ANSWER = 65_536


def serve() -> None:
    """Until stdin ends. Nothing but answers is written to stdout, and nothing at all to stderr."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to the whole group; whoever asked ends this one
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (1, 2):
        os.dup2(nowhere, number)
    _limit_memory()
    watched = Watched()
    watch(watched)
    for line in sys.stdin.buffer:
        answers.write(json.dumps(_answer(json.loads(line), watched)) + "\n")
        answers.flush()


def _limit_memory() -> None:
    """A receiver's endless answer ends this process and not the machine."""
    with suppress(ImportError, OSError, ValueError):
        import resource  # noqa: PLC0415  POSIX only

        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY_BYTES, _MEMORY_BYTES))


def _answer(request: Mapping[str, Any], watched: "Watched") -> Mapping[str, object]:
    watched.forget()
    try:
        if request["ask"] == "check":
            return {"fault": fault(request["url"])}
        return deliver(request, watched)
    except Exception as error:  # noqa: BLE001 - a plug-in's text may hold the address, its type does not
        return {"ok": False, "service": "Apprise", "reason": f"failed ({type(error).__name__})", "retryable": True}


# what is seen of a delivery


@dataclass
class Watched:
    """What went wrong below Apprise since `forget`, the last one counts."""

    reason: str | None = None
    retryable: bool = True
    wait: float | None = field(default=None)

    def forget(self) -> None:
        self.reason, self.retryable, self.wait = None, True, None

    def http(self, response: requests.Response) -> None:
        status = response.status_code
        if status < 300:  # noqa: PLR2004 - HTTP's classes
            return
        moved = ", a redirect, which is not followed" if status < 400 else ""  # noqa: PLR2004
        self.reason = f"answered {status}{moved}"
        self.retryable = status >= 500 or status < 400 or status in _TRY_LATER  # noqa: PLR2004
        self.wait = _wait(response)

    def smtp(self, code: int) -> None:
        self.reason, self.retryable, self.wait = f"answered {code}", code < 500, None  # noqa: PLR2004 - SMTP's classes

    def away(self, error: Exception) -> None:
        self.reason, self.retryable, self.wait = f"not reached ({type(error).__name__})", True, None


def watch(seen: Watched) -> None:
    """Every plug-in that speaks HTTP does so by requests, e-mail by smtplib: their own documented methods are wrapped,
    in this process alone. A redirect is not followed: a POST would become a GET."""
    send = requests.Session.send

    def watched_send(session: requests.Session, request: requests.PreparedRequest, **given: Any) -> requests.Response:
        given["allow_redirects"] = False
        try:
            response = send(session, request, **given)
        except Exception as error:
            seen.away(error)
            raise
        seen.http(response)
        return response

    requests.Session.send = watched_send  # type: ignore[assignment]
    for name in ("connect", "login", "sendmail"):
        setattr(smtplib.SMTP, name, _watched_smtp(getattr(smtplib.SMTP, name), seen))


def _watched_smtp(method: Callable[..., Any], seen: Watched) -> Callable[..., Any]:
    def watched(*args: Any, **given: Any) -> Any:
        try:
            return method(*args, **given)
        except smtplib.SMTPResponseException as error:
            seen.smtp(error.smtp_code)
            raise
        except smtplib.SMTPRecipientsRefused as error:
            seen.smtp(min((code for code, _ in error.recipients.values()), default=500))
            raise
        except Exception as error:
            seen.away(error)
            raise

    return watched


def _wait(response: requests.Response) -> float | None:
    """Seconds, from the header; Telegram has them only in its answer, Discord's there are finer."""
    wait = retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
    told = wait.total_seconds() if wait is not None else None
    if response.status_code != 429 or len(response.content) > _LONGEST_ANSWER:  # noqa: PLR2004
        return told
    with suppress(ValueError, AttributeError, TypeError):
        body = response.json()
        inner = body.get("retry_after", (body.get("parameters") or {}).get("retry_after"))
        given = retry_after(str(inner), datetime.now(UTC)) if inner is not None else None
        return max(given.total_seconds(), told or 0.0) if given is not None else told
    return told


# delivering


def deliver(request: Mapping[str, Any], watched: Watched) -> Mapping[str, object]:
    plugin = _plugin(request["url"])
    if plugin is None:
        return {"ok": False, "service": "Apprise", "reason": "cannot use the address", "retryable": False}
    title, text = shaped(plugin, request["title"], request["text"])
    sender = Apprise(asset=_asset())
    sender.add(plugin)
    done = sender.notify(body=text, title=title, notify_type=request["type"], body_format=NotifyFormat.TEXT)
    service = str(plugin.service_name)
    if done:
        return {"ok": True, "service": service}
    return {
        "ok": False,
        "service": service,
        "reason": watched.reason or "not delivered, and Apprise does not say why",
        "retryable": watched.retryable,
        "retry_after": watched.wait,
    }


def shaped(plugin: NotifyBase, title: str, text: str) -> tuple[str, str]:
    """Title and text as this service takes them. Where a title has no place of its own, it counts as text."""
    room = plugin.body_maxlen
    title = cut(harmless(title), min(plugin.title_maxlen or room // 2, room // 2))
    if plugin.service_name == "Discord":  # shows everything as Markdown
        title = f"**{escaped(title)}**"
        return title, code_block(harmless(text), room - length(title) - 2)
    return title, fitted(harmless(text), room - length(title) - 16)  # the tags and the break around a title


def _plugin(url: str) -> NotifyBase | None:
    with suppress(Exception):  # what it says holds parts of the address
        return Apprise.instantiate(url, asset=_asset(), suppress_exceptions=False)
    return None


def _asset() -> AppriseAsset:
    """No pictures from elsewhere, no plug-ins from the home folder, nothing kept on disk."""
    return AppriseAsset(
        app_id="Guardian", app_desc="AI System Guardian", app_url="", image_url_mask="", plugin_paths=[]
    )


# looking an address over


def fault(url: str) -> str | None:
    """Why Apprise cannot use the address, without any part of it but its scheme. None: it can."""
    if _plugin(url) is not None:
        return None
    match = _SCHEME.match(url)
    scheme = match[1].lower() if match else ""
    if scheme in _WEB:
        return "is a web address of no service that Apprise knows; a receiver of JSON is written json:// or jsons://"
    known = {name: service for service in _services() for name in _schemes(service)}
    if scheme not in known:
        close = get_close_matches(scheme, known, 1)
        return f"Apprise knows no service `{scheme}://`" + (f", did you mean `{close[0]}://`?" if close else "")
    service = known[scheme]
    if not service["enabled"]:
        needed = ", ".join(service["requirements"]["packages_required"])
        return f"{service['service_name']} cannot be used on this machine" + (f": install {needed}" if needed else "")
    forms = " or ".join(f"`{form}`" for form in service["details"]["templates"][:3])
    return f"is no address that {service['service_name']} can use: write {forms.replace('{schema}', scheme)}"


def _services() -> list[dict[str, Any]]:
    found = apprise.Apprise(asset=_asset()).details(show_requirements=True, show_disabled=True)
    services: list[dict[str, Any]] = found["schemas"]
    return services


def _schemes(service: Mapping[str, Any]) -> list[str]:
    return [*(service["protocols"] or ()), *(service["secure_protocols"] or ())]


if __name__ == "__main__":
    serve()
