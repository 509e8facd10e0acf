"""Which host a URL goes to, and whether that is on the allowlist.

Clients disagree about crooked URLs: `https://a\\@b` is `a` to a browser and `b` to `urlsplit`; to some U+3002 is a
dot. So only what all of them read alike has a host here (WHATWG URL, RFC 3986, urllib, requests, httpx, aiohttp);
everything else has none, and is on no allowlist.
"""

import re
from collections.abc import Iterable

_URL = re.compile(r"(?:https?|wss?)://(?P<authority>[^/?#]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_USER = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:%-]*")
_PORT = re.compile(r"[0-9]{1,5}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DEVIATING = frozenset("ßς\u200c\u200d")
"""IDNA 2003 maps these away, IDNA 2008 keeps them: two hosts for one name."""

_LARGEST_PORT, _LONGEST_NAME, _LONGEST_URL = 65_535, 253, 65_536


def host_of(url: str, *, open_ended: bool = False) -> str | None:
    """The host in its one form: lower case, no trailing dot, punycode, IPv6 without brackets. None where there is none,
    or where two clients would read two. `open_ended`: the URL goes on in a way that is not known."""
    match = _URL.fullmatch(url) if len(url) <= _LONGEST_URL else None
    if match is None or (open_ended and not match["rest"].startswith("/")):
        return None
    if not match["rest"].startswith("/") and re.search(r"[@\\]", match["rest"]):
        return None  # `https://a?@b`, `https://a#@b`: old clients take what is behind the last `@`
    user, at, place = match["authority"].rpartition("@")
    if at and not _USER.fullmatch(user):
        return None
    host, port = _parted(place)
    if port is not None and not (_PORT.fullmatch(port) and 0 < int(port) <= _LARGEST_PORT):
        return None
    return normal(host)


def _parted(place: str) -> tuple[str, str | None]:
    if place.startswith("["):
        host, bracket, rest = place.partition("]")
        none, colon, port = rest.partition(":")
        return host + bracket + none, port if colon else None
    host, colon, port = place.partition(":")
    return host, port if colon else None


def normal(host: str) -> str | None:
    """One form of a host, as `host_of` gives it; None for what is no plain host."""
    if host.startswith("[") and host.endswith("]"):
        return _ipv6(host[1:-1])
    name = host.removesuffix(".").lower() if host.isascii() else _punycode(host)
    labels = name.split(".") if name else []
    if not labels or len(name or "") > _LONGEST_NAME or not all(map(_LABEL.fullmatch, labels)):
        return None
    if _NUMBER.fullmatch(labels[-1]):  # a browser reads a number at the end as an address: 0x7f.1, 017700000001
        return _ipv4(name or "")
    return name


def _ipv4(text: str) -> str | None:
    from ipaddress import IPv4Address  # noqa: PLC0415  seldom needed, slow to load

    try:
        found = str(IPv4Address(text))
    except ValueError:
        return None
    return found if found == text else None


def _ipv6(text: str) -> str | None:
    from ipaddress import IPv6Address  # noqa: PLC0415  as above

    try:
        return IPv6Address(text).compressed if "%" not in text else None
    except ValueError:
        return None


def _punycode(host: str) -> str | None:
    """Only where nothing had to be mapped: a full-width letter or U+3002 is another host to some clients."""
    name = host.removesuffix(".")
    if _DEVIATING & set(name):
        return None
    try:
        coded = name.encode("idna").decode("ascii").lower()
        same = coded.encode("ascii").decode("idna") == name.lower()
    except (UnicodeError, ValueError):
        return None
    return coded if same else None


def entry(text: str) -> str:
    """An allowlist's entry in its one form: a host, or `*.host` for everything below it. Raises ValueError."""
    below, name = ("*.", text[2:]) if text.startswith("*.") else ("", text)
    bare = f"[{name}]" if ":" in name and not name.startswith("[") else name
    host = normal(bare)
    if host is None:
        raise ValueError("is no host: write it like `github.com`, or `*.example.com` for all below it")
    if below and (":" in host or host.rpartition(".")[2].isdecimal()):
        raise ValueError("has nothing below it: `*.` goes before a name, not before an address")
    return below + host


def allowed(url: str, allowlist: Iterable[str], *, open_ended: bool = False) -> bool:
    """Whether the URL goes to a host of the list (of `entry` forms), whichever client opens it. `*.example.com` does
    not name `example.com` itself."""
    host = host_of(url, open_ended=open_ended)
    return host is not None and listed(host, allowlist)


def listed(host: str, allowlist: Iterable[str]) -> bool:
    """Of a host in the form of `host_of`."""
    return any(host.endswith(each[1:]) if each.startswith("*.") else host == each for each in allowlist)
