"""Media types (RFC 9110 8.3) of bodies and answers: which are JSON, which are text, and how text is read. Pure."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from bff import codec

Decode = Callable[[bytes], Any]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"

_TEXTS = frozenset(
    f"application/{kind}"
    for kind in (
        "x-yaml",
        "x-ndjson",
        "ndjson",
        "jsonl",
        "jsonlines",
        "json-seq",
        "javascript",
        "graphql",
        "sql",
        "toml",
    )
)
_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE = re.compile(rf'{_WORD}/{_WORD}(?:[ \t]*;[ \t]*{_WORD}=(?:{_WORD}|"[ !#-\[\]-~]*"))*\Z')
_CHARSETS = re.compile(  # Python has codecs beside these that are no charsets, and slow
    r"(utf-?8|utf-16(le|be)?|(us-)?ascii|latin-?1|iso-8859-\d{1,2}|windows-125\d|koi8-[ru]|shift_jis|euc-(jp|kr)|gb(2312|k|18030)|big5)\Z"
)
_CHARSET = re.compile(r';\s*charset="?([^";\s]+)', re.IGNORECASE)


def is_media(text: str) -> bool:
    """Whether this is a media type, or a range of them, with or without parameters."""
    return _TYPE.match(text) is not None


def is_json(media: str) -> bool:
    """application/json and whatever is written in it: application/merge-patch+json (RFC 6838 4.2.8)."""
    return _bare(media).endswith(("/json", "+json"))


def is_text(media: str) -> bool:
    """What people read: text/*, XML, YAML, and JSON values one after the other."""
    bare = _bare(media)
    return bare.startswith("text/") or bare.endswith(("/xml", "+xml", "/yaml", "+yaml")) or bare in _TEXTS


def with_charset(media: str) -> str:
    return media if _CHARSET.search(media) else f"{media}; charset=utf-8"


def decoder(accept: str) -> Decode | None:
    """How an answer becomes a value: JSON as it is, bytes as base64; None for text, of which it depends on what came.

    It is decided by what was asked for, and not by what the answer is said to be. It raises ValueError.
    """
    if is_json(accept):
        return codec.decode_answer
    return None if is_text(accept) else _base64


def text_decoder(content_type: str | None) -> Decode:
    """How text is read: in the charset that its media type names, else as UTF-8. The same function each time."""
    named = _CHARSET.search(content_type or "")
    return _text_decoder(named[1].lower() if named else "utf-8")


@lru_cache(maxsize=32)
def _text_decoder(charset: str) -> Decode:
    return partial(_text, charset)


def _text(charset: str, raw: bytes) -> str:
    if not _CHARSETS.match(charset):
        raise ValueError("not in a charset that is known here")
    try:
        return raw.decode(charset)
    except (LookupError, UnicodeError):
        raise ValueError("not in its charset") from None


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bare(media: str) -> str:
    return media.partition(";")[0].strip().lower()
