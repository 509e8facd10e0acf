"""A notification's text made fit for one service: it pings nobody, and it is as long as the service takes. Pure.

Process names and log lines come from outside: `@everyone` in one would wake a whole server.
"""

import re

LOG_HEADING = "Its log, last lines:"
FOOT = "The whole story: "
"""The lines by which a text of guardian.notify.texts says where its log begins, and its end."""

_GAP = "\u200b"
_PING = re.compile(r"@(?=everyone|here|channel|all\b|room)|<(?=[@#!&])", re.IGNORECASE)
_FENCE = "```"
_MARKDOWN = re.compile(r"([\\*_~`|>\[\]()<:])")


def harmless(text: str) -> str:
    """Nobody is pinged: what would call people is broken by a space of no width. Doing it again changes nothing."""
    return _PING.sub(lambda match: match[0] + _GAP, text)


def escaped(text: str) -> str:
    """Markdown's characters inside a line, as themselves."""
    return _MARKDOWN.sub(r"\\\1", text)


def code_block(text: str, room: int) -> str:
    """As it is, for a service that reads Markdown: nothing in a block is markup, link or ping."""
    whole = text.replace(_FENCE, _GAP.join(_FENCE))
    return f"{_FENCE}\n{fitted(whole, room - 2 * len(_FENCE) - 2)}\n{_FENCE}"


def length(text: str) -> int:
    """In UTF-16 units, as Telegram counts: never less than in characters."""
    return len(text) + sum(character > "\uffff" for character in text)


def fitted(text: str, room: int) -> str:
    """What matters stays: the oldest log lines go first, then the end of what is said above the log; the way to the
    whole story goes last."""
    lines = text.split("\n")
    if LOG_HEADING in lines:
        first = lines.index(LOG_HEADING) + 1
        while length("\n".join(lines)) > room and first < len(lines) and lines[first]:
            del lines[first]
        if lines[first : first + 1] in ([], [""]):
            del lines[first - 1 : first + 1]
    if length("\n".join(lines)) <= room:
        return "\n".join(lines)
    end = next((number for number, line in enumerate(lines) if line.startswith(FOOT)), len(lines))
    foot = "\n".join(["", *lines[end:]]) if end < len(lines) else ""
    if length(foot) > room // 2:
        foot = ""
    return cut("\n".join(lines[:end]).rstrip("\n"), room - length(foot)) + foot


def cut(text: str, room: int) -> str:
    """At most `room` long, the last an ellipsis where something is missing."""
    if length(text) <= room:
        return text
    kept = text[: max(room - 1, 0)]
    while length(kept) > max(room - 1, 0):
        kept = kept[:-1]
    return kept + "…" if room > 0 else ""
