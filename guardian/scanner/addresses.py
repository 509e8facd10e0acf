"""Addresses in a script against the allowlist."""

from __future__ import annotations

import re
from collections.abc import Iterable

from guardian.scanner.hosts import allowed, listed, normal
from guardian.scanner.text import Parts, shown

_SCHEME = re.compile(r"[\s\0-\x20]*(https?|wss?|ftps?|sftp|ssh|tcp|udp|git|redis|mongodb(\+srv)?|postgres(ql)?|"
                     r"mysql|amqps?|smb|ldaps?|s3|gs)"
                     r"\s*:\s*[/\\]{2}", re.IGNORECASE)  # fmt: skip
_NAMESPACES = re.compile(
    r"https?://(www\.w3\.org/(\d{4}|XML|ns|TR)|schemas\.(xmlsoap|openxmlformats|microsoft|android)\.(org|com)|xmlns\.|purl\.org|"
    r"ns\.adobe\.com|relaxng\.org|docbook\.org|xml\.org|json-schema\.org|www\.sitemaps\.org/schemas|exslt\.org|"
    r"xml\.apache\.org|www\.opengis\.net|schema\.org)"
)
"""Names of XML and JSON vocabularies: they look like addresses, and nobody calls them."""


def is_address(parts: Parts) -> bool:
    text = parts[0] if parts and isinstance(parts[0], str) else ""
    return bool(_SCHEME.match(text)) and not re.search(r"\s", text.strip())


def judged(parts: Parts, allowlist: Iterable[str]) -> str | None:
    """What is wrong with going there; None where it is allowed."""
    text = shown(parts)
    head = parts[0] if parts and isinstance(parts[0], str) else ""
    if not head:
        return "an address that cannot be told"
    whole = len(parts) == 1
    if allowed(head, allowlist, open_ended=not whole):
        return None
    return text[:100]


def literal(parts: Parts, allowlist: Iterable[str]) -> str | None:
    """As `judged`, for an address that only stands there."""
    if not is_address(parts) or _NAMESPACES.match(shown(parts)):
        return None
    return judged(parts, allowlist)


def judged_host(text: str, allowlist: Iterable[str]) -> str | None:
    name = text.rpartition("://")[2].partition("/")[0]
    host = normal(name.partition(":")[0] if name.count(":") == 1 else name)
    return None if host is not None and listed(host, allowlist) else text[:100] or "this machine"
