"""Operations on constants, done here only where the result is known to be small before it is made."""

from __future__ import annotations

import ast
import codecs
import operator
import re
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

LONGEST = 20_000
_WIDEST = 1_000
_BITS = 4_096
_LONGEST_PATTERN = 40
_WIDE = re.compile(r"[0-9]{4,}|\*")


class Unfolded(Exception):  # noqa: N818  named for what happened
    """It is not done here: unknown, or too large."""


def _size(value: object) -> int:
    if isinstance(value, str | bytes | bytearray | list | tuple):
        return len(value)
    return value.bit_length() // 8 if isinstance(value, int) else 16


def _times(left: Any, right: Any) -> Any:
    for sequence, count in ((left, right), (right, left)):
        if isinstance(sequence, str | bytes) and isinstance(count, int) and len(sequence) * count > LONGEST:
            raise Unfolded
    return operator.mul(left, right)


def _power(left: Any, right: Any) -> Any:
    if not (isinstance(left, int) and isinstance(right, int) and 0 <= right <= _BITS):
        raise Unfolded
    if left.bit_length() * right > _BITS:
        raise Unfolded
    return left**right


def _shift(left: Any, right: Any) -> Any:
    if not (isinstance(left, int) and isinstance(right, int) and 0 <= right <= _BITS):
        raise Unfolded
    return left << right


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str | bytes):
        text = left if isinstance(left, str) else left.decode("latin-1")
        if _WIDE.search(text):
            raise Unfolded
    return operator.mod(left, right)


_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _times,
    ast.Mod: _modulo,
    ast.Pow: _power,
    ast.LShift: _shift,
    ast.RShift: operator.rshift,
    ast.BitXor: operator.xor,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
}
_PLAIN = (str, bytes, int, float, bool, tuple, type(None))


def binary(kind: type[ast.operator], left: object, right: object) -> object:
    """Raises Unfolded."""
    if not isinstance(left, _PLAIN) or not isinstance(right, _PLAIN) or _size(left) + _size(right) > LONGEST:
        raise Unfolded
    try:
        return bounded(_OPERATORS[kind](left, right))
    except Unfolded:
        raise
    except Exception as error:
        raise Unfolded from error


def bounded(result: object) -> object:
    if _size(result) > LONGEST:
        raise Unfolded
    return result


def compare(kind: type[ast.cmpop], left: Any, right: Any) -> bool:
    try:
        return bool(_COMPARISONS[kind](left, right))
    except Exception as error:
        raise Unfolded from error


_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda left, right: left in right,
    ast.NotIn: lambda left, right: left not in right,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}

_METHODS = frozenset(
    [
        "capitalize",
        "casefold",
        "count",
        "decode",
        "encode",
        "endswith",
        "find",
        "format",
        "hex",
        "index",
        "isalnum",
        "isalpha",
        "isdigit",
        "islower",
        "isupper",
        "join",
        "lower",
        "lstrip",
        "partition",
        "removeprefix",
        "removesuffix",
        "replace",
        "rfind",
        "rpartition",
        "rsplit",
        "rstrip",
        "split",
        "splitlines",
        "startswith",
        "strip",
        "swapcase",
        "title",
        "translate",
        "upper",
        "zfill",
        "ljust",
        "rjust",
        "center",
        "bit_length",
        "to_bytes",
        "get",
        "keys",
    ]
)
_PADDING = frozenset({"zfill", "ljust", "rjust", "center", "to_bytes"})


def method(of: object, name: str, args: Sequence[Any], keywords: dict[str, Any]) -> object:
    """A method of a string, bytes or number. Raises Unfolded."""
    if name not in _METHODS or not isinstance(of, str | bytes | int) or sum(map(_size, args)) + _size(of) > LONGEST:
        raise Unfolded
    if name in _PADDING and args and isinstance(args[0], int) and args[0] > _WIDEST:
        raise Unfolded
    try:
        if name == "decode" and isinstance(of, bytes):
            return decode(of, *args, **keywords)
        _check(of, name, args)
        return bounded(getattr(of, name)(*args, **keywords))
    except Unfolded:
        raise
    except Exception as error:
        raise Unfolded from error


def _check(of: Any, name: str, args: Sequence[Any]) -> None:
    if name == "join":
        items = list(args[0])
        if sum(map(_size, items)) + len(items) * len(of) > LONGEST:
            raise Unfolded
    elif name == "replace":
        if (of.count(args[0]) + 1) * len(args[1]) + len(of) > LONGEST:
            raise Unfolded
    elif name == "format" and (_WIDE.search(of) or "." in of or "[" in of or re.search(r"\{[^}]*\{", of)):
        raise Unfolded
    elif name == "translate" and not isinstance(of, bytes):
        longest = max((_size(each) for each in args[0].values()), default=1)
        if longest * len(of) > LONGEST:
            raise Unfolded


_TEXT_CODECS = frozenset(
    [
        "utf-8",
        "utf-16",
        "utf-32",
        "utf-16-le",
        "utf-16-be",
        "utf-7",
        "ascii",
        "iso8859-1",
        "cp1252",
        "rot13",
        "unicode_escape",
        "raw-unicode-escape",
        "hex",
        "base64",
        "uu",
        "quopri",
        "punycode",
        "idna",
        "utf-8-sig",
        "utf-32-le",
        "utf-32-be",
        "cp437",
        "cp037",
    ]
)


def decode(data: Any, encoding: str = "utf-8", errors: str = "strict") -> object:
    name = codecs.lookup(encoding).name
    if name == "zlib":
        return inflate(data)
    if name == "bz2":
        return _unpack_bz2(data)
    if name not in _TEXT_CODECS or (name == "punycode" and len(data) > _WIDEST):
        raise Unfolded
    return bounded(codecs.decode(data, encoding, errors))


# a module that few scripts need is loaded for those


def inflate(data: bytes, bits: int = 15 | 32) -> bytes:
    """By default with either header, zlib's or gzip's."""
    import zlib  # noqa: PLC0415

    return zlib.decompressobj(bits).decompress(data, LONGEST)


def _unpack_bz2(data: bytes) -> bytes:
    import bz2  # noqa: PLC0415

    return bz2.BZ2Decompressor().decompress(data, LONGEST)


def _expand(data: bytes, *_: object) -> bytes:
    import lzma  # noqa: PLC0415

    return lzma.LZMADecompressor(memlimit=64_000_000).decompress(data, LONGEST)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "builtins.chr": chr,
    "builtins.ord": ord,
    "builtins.str": lambda value="", encoding=None, errors="strict": (
        decode(value, encoding, errors) if encoding else str(value)
    ),
    "builtins.int": int,
    "builtins.len": len,
    "builtins.hex": hex,
    "builtins.bool": bool,
    "builtins.repr": repr,
    "builtins.ascii": ascii,
    "builtins.bytes.fromhex": bytes.fromhex,
    "builtins.bytearray.fromhex": bytes.fromhex,
    "builtins.float": float,
    "builtins.abs": abs,
    "codecs.decode": decode,
    "codecs.encode": lambda value, encoding="utf-8": (
        codecs.encode(value, encoding) if codecs.lookup(encoding).name in _TEXT_CODECS else _refuse()
    ),
    "zlib.decompress": inflate,
    "gzip.decompress": inflate,
    "bz2.decompress": _unpack_bz2,
    "lzma.decompress": _expand,
    "ast.literal_eval": ast.literal_eval,
    "builtins.int.from_bytes": int.from_bytes,
    "operator.add": operator.add,
    "operator.concat": operator.add,
    "operator.mul": _times,
    "operator.mod": _modulo,
    "operator.xor": operator.xor,
    "textwrap.dedent": lambda text: text,
    "sys.intern": lambda text: text,
    "re.sub": lambda pattern, new, text: _substituted(pattern, new, text),  # noqa: PLW0108  defined below
}
_LOADED = {
    "base64.b64decode": "base64.b64decode",
    "base64.standard_b64decode": "base64.b64decode",
    "base64.decodebytes": "base64.decodebytes",
    "base64.urlsafe_b64decode": "base64.urlsafe_b64decode",
    "base64.b32decode": "base64.b32decode",
    "base64.b32hexdecode": "base64.b32hexdecode",
    "base64.b16decode": "base64.b16decode",
    "base64.a85decode": "base64.a85decode",
    "base64.b85decode": "base64.b85decode",
    "base64.b64encode": "base64.b64encode",
    "binascii.unhexlify": "binascii.unhexlify",
    "binascii.a2b_hex": "binascii.unhexlify",
    "binascii.a2b_base64": "binascii.a2b_base64",
    "binascii.a2b_qp": "binascii.a2b_qp",
    "binascii.a2b_uu": "binascii.a2b_uu",
    "quopri.decodestring": "binascii.a2b_qp",
    "urllib.parse.unquote": "urllib.parse.unquote",
    "urllib.parse.unquote_plus": "urllib.parse.unquote_plus",
    "urllib.parse.unquote_to_bytes": "urllib.parse.unquote_to_bytes",
    "urllib.parse.quote": "urllib.parse.quote",
    "urllib.parse.urljoin": "urllib.parse.urljoin",
    "html.unescape": "html.unescape",
    "json.loads": "json.loads",
    "json.dumps": "json.dumps",
    "unicodedata.normalize": "unicodedata.normalize",
    "unicodedata.lookup": "unicodedata.lookup",
}
"""As it is, where the standard library's own does no harm; its module is loaded when a script uses it."""
FOLDED = _FUNCTIONS.keys() | _LOADED.keys()
"""What can be done here, by its full name."""


def _refuse() -> object:
    raise Unfolded


def _substituted(pattern: str, new: str, text: str) -> str:
    """Only patterns that cannot take long: no repetition of a group."""
    if (
        len(pattern) > _LONGEST_PATTERN
        or re.search(r"[)\]][*+{]|\(\?", pattern)
        or len(text) * (len(new) + 1) > LONGEST
    ):
        raise Unfolded
    if sum(pattern.count(each) for each in "*+{") > 1:
        raise Unfolded
    return re.sub(pattern, new, text)


def function(path: str, args: Sequence[Any], keywords: dict[str, Any]) -> object:
    """A function of the standard library, on constants. Raises Unfolded."""
    if sum(map(_size, args)) > LONGEST or not all(isinstance(each, _PLAIN) for each in args):
        raise Unfolded
    if path == "ast.literal_eval" and _size(args[0] if args else "") > _WIDEST:
        raise Unfolded
    try:
        return bounded(_done_by(path)(*args, **keywords))
    except Unfolded:
        raise
    except Exception as error:  # whatever it is, the script's author is told by Python
        raise Unfolded from error


def _done_by(path: str) -> Callable[..., Any]:
    if path in _FUNCTIONS:
        return _FUNCTIONS[path]
    module, _, name = _LOADED[path].rpartition(".")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found
