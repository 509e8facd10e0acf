"""Secrets in log lines and messages, masked: the first four characters stay, to tell which it was.

Every pattern is linear: each run of characters is entered at one place only (a look-behind) and never given
back (possessive quantifiers). What it cannot know: a password in a sentence, a key spread over several lines.
"""

import re

_SHAPES = re.compile(
    r"""(?<![A-Za-z0-9_-])(?:
      (?P<sk> sk-[A-Za-z0-9_-]{20,}+ )                                       # OpenAI, Anthropic, OpenRouter
    | (?P<token> gh[opsur]_[A-Za-z0-9]{20,}+ | github_pat_\w{20,}+ | glpat-[\w-]{20,}+
      | xox[abceoprs]-[A-Za-z0-9-]{10,}+ | xapp-[A-Za-z0-9-]{10,}+
      | (?:AKIA|ASIA)[0-9A-Z]{16}(?![0-9A-Za-z]) | AIza[\w-]{30,}+
      | hf_[A-Za-z0-9]{20,}+ | gsk_[A-Za-z0-9]{20,}+
      | [rs]k_(?:live|test)_[A-Za-z0-9]{16,}+ | npm_[A-Za-z0-9]{30,}+ | pypi-[\w-]{40,}+
      | SG\.[\w-]{16,}+\.[\w-]{16,}+
      | eyJ[\w-]{8,}+\.[\w-]{4,}+(?:\.[\w-]*+)?                              # JSON web token
      | [MNO][\w-]{22,27}\.[\w-]{6,7}\.[\w-]{27,45}(?![\w-]) )               # Discord bot
    )
    | (?<![0-9])(?P<telegram> [0-9]{6,12}:[\w-]{35} )(?![\w-])
    """,
    re.VERBOSE | re.ASCII,
)

_WEBHOOK = re.compile(
    r"(?P<before>discord(?:app)?\.com/api/(?:v[0-9]{1,3}/)?webhooks/[0-9]{1,30}/"
    r"|hooks\.slack\.com/(?:services|workflows|triggers)/"
    r"|\b(?:discord|msteams|slack|tgram|workflows?)://)(?P<secret>[^\s\"'<>?#]++)",
    re.IGNORECASE,
)

_SCHEME = re.compile(r"\b(?P<before>(?:Bearer|Basic)\s{1,4})(?P<secret>[A-Za-z0-9._~+/=-]{6,}+)", re.IGNORECASE)

_IN_URL = re.compile(r"(?P<before>://[^\s/:@\"']{0,256}:)(?P<secret>[^\s/\"']{1,512})@")

_NAMES = r"(?:passw(?:or)?d|passphrase|secret(?!ar)|token(?!i[sz])|(?:api|private|access)[_-]?key|authorization)"
_VALUE = r"""(?:
      \\(?P<esc>["'])(?P<escaped>[^"'\\\n]*+)
    | "(?P<double>(?:[^"\\\n]|\\.)*+)
    | '(?P<single>(?:[^'\\\n]|\\.)*+)
    | (?P<bare>[^\s"',;&]++) )"""

_PAIR = re.compile(
    rf"""(?<![\w.-])(?=[\w.-]*?{_NAMES}) (?P<key>[\w.-]++)
    (?P<between> \\?["']?\]?[ \t]{{0,4}}(?::=|=>|[=:])[ \t]{{0,4}}
      (?:(?:Bearer|Basic|Token|Digest|Bot)[ ]{{1,4}})?+ ) {_VALUE}""",
    re.VERBOSE | re.IGNORECASE,
)

_FLAG = re.compile(
    rf"(?<!\S)(?=--[\w-]*?{_NAMES})(?P<before>--[\w-]++[ ][\"']?)(?P<secret>(?!-)[^\s\"']++)", re.IGNORECASE
)

_COUNT = re.compile(
    r"[+-]?[0-9][0-9.,_]*(?:e[+-]?[0-9]+)?(?:[%km]|ms|s)?|true|false|null|none|undefined",
    re.IGNORECASE,
)
_SECRET_NAME = re.compile(_NAMES, re.IGNORECASE)
_PLAIN_WORD = 16


def redact(text: str) -> str:
    """The text with its secrets masked. Doing it again changes nothing."""
    text = _WEBHOOK.sub(_keep_before, text)
    text = _IN_URL.sub(lambda m: f"{m['before']}{_mask(m['secret'])}@", text)
    text = _SHAPES.sub(_shape, text)
    text = _SCHEME.sub(lambda m: _keep_before(m) if _looks_random(m["secret"]) else m[0], text)
    text = _FLAG.sub(lambda m: m[0] if _COUNT.fullmatch(m["secret"]) else _keep_before(m), text)
    return _PAIR.sub(_pair, text)


def redact_named(name: str, value: str) -> str:
    """A value whose name is known: masked whole under a secret's name, unless it is a count."""
    return _mask(value) if value and _SECRET_NAME.search(name) and not _COUNT.fullmatch(value) else redact(value)


def _mask(secret: str) -> str:
    """Short secrets vanish whole: four characters would be half of them."""
    if secret.endswith("***") and len(secret) <= len("1234***"):
        return secret
    return f"{secret[:4]}***" if len(secret) >= 12 else "***"  # noqa: PLR2004 - said above


def _keep_before(match: re.Match[str]) -> str:
    return match["before"] + _mask(match["secret"])


def _shape(match: re.Match[str]) -> str:
    if match["sk"] and not any(c.isdigit() for c in match["sk"]):
        return match[0]  # sk-something-with-dashes
    return _mask(match[0])


def _looks_random(text: str) -> bool:
    """Not a word of a sentence ("Basic authentication failed")."""
    return any(c.isdigit() or c in "+/=_" for c in text) or text[1:] != text[1:].lower() != text[1:].upper()


def _pair(match: re.Match[str]) -> str:
    kind = next(name for name in ("escaped", "double", "single", "bare") if match[name] is not None)
    value, between = match[kind], match["between"]
    if not value or _harmless(match["key"], between, value, quoted=kind != "bare"):
        return match[0]
    return match[0][: match.start(kind) - match.start()] + _mask(value)


def _harmless(key: str, between: str, value: str, *, quoted: bool) -> bool:
    """Counts and words that stand beside a name like `token`: `tokens=512`, `Unexpected token: name`."""
    if "token" not in key.lower():
        return False
    value = value.rstrip(")]}>.")
    return bool(_COUNT.fullmatch(value)) or (
        not quoted and "=" not in between and value.isalpha() and len(value) < _PLAIN_WORD
    )
