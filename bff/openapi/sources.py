"""The documents of one import: which may be read, each read once. Knows names, sizes and text; nothing of OpenAPI.

What was named on the command line is read, wherever it is. What a document refers to is read only if it is a JSON or
YAML file in the folder of a named one, or below (links resolved, nothing hidden). A URL is fetched only if named.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from bff.openapi import json_text, yaml_text
from bff.openapi.fetch import fetch
from bff.openapi.model import Source
from bff.openapi.place import LARGEST, Fetch, Unfetchable, content_of, is_url
from bff.openapi.pointer import path as path_of
from bff.openapi.schema import At
from bff.openapi.wrong import Barred, Spot, Unreadable, spot_at

ALTOGETHER = 2 * LARGEST  # bytes of all documents of one import
MOST = 5_000  # documents of one import
LARGEST_SHOWN = 4 * 1024**2  # characters of a document in which the line of a mistake is looked up

_SUFFIXES = frozenset({".json", ".yaml", ".yml"})


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it stands. `home` is its URL, or its real path."""

    source: Source
    home: str | Path
    text: str = field(repr=False)
    json: bool = field(repr=False)
    root: Any = field(repr=False)

    @property
    def name(self) -> str:
        return self.source.name

    def spot(self, pointer: str) -> Spot | None:
        """Line and column of a value, or of the nearest that is there; None where that would take long."""
        if len(self.text) > LARGEST_SHOWN:
            return None
        wanted = path_of(self.root, pointer)
        if not self.json:
            return yaml_text.spot_of(self.text, wanted) if wanted else (1, 1)
        offsets = {path: offset for path, offset, _ in json_text.walk(self.text) if path == wanted[: len(path)]}
        return spot_at(self.text, offsets[max(offsets, key=len)])


@dataclass(slots=True)
class Sources:
    """What has been read so far, by home."""

    fetch: Fetch = fetch
    _written: dict[str | Path, Written] = field(default_factory=dict)
    _names: dict[str, Written] = field(default_factory=dict)
    _folders: list[Path] = field(default_factory=list)  # of the named files
    _size: int = 0

    def name(self, names: Iterable[str]) -> list[Written]:
        """Reads what was named. Raises Barred."""
        return [self._url(name) if is_url(name) else self._named_file(name) for name in names]

    def called(self, name: str) -> Written:
        """The document that an `At` names."""
        return self._names[name]

    def refer(self, reference: str, base: Written, at: At) -> Written:
        """The document that a `$ref` at `at` means, which is "" for its own. Raises Barred."""
        if not reference:
            return base
        target = urljoin(base.home, reference) if isinstance(base.home, str) else reference
        if is_url(target):
            return self._named_url(urldefrag(target).url, at)
        if urlsplit(target).scheme or target.startswith("//"):
            raise Barred(at, f"refers to {reference!r}, which is neither a file here nor a URL that was named")
        return self._file_beside(unquote(target), base, at)

    def spot(self, at: At) -> Spot | None:
        written = self._names.get(at.document)
        return written.spot(at.pointer) if written else None

    def of(self, names: Iterable[str]) -> tuple[Source, ...]:
        return tuple(self._names[name].source for name in names)

    def _named_url(self, url: str, at: At) -> Written:
        if url not in self._written:
            raise Barred(at, f"refers to {url}, which was not named", "to allow it, name it too on the command line")
        return self._written[url]

    def _url(self, url: str) -> Written:
        home = urldefrag(url).url
        if home in self._written:
            return self._written[home]
        try:
            return self._keep(url, home, self.fetch(home))
        except Unfetchable as error:
            raise Barred(At(url), error.message, error.hint) from error

    def _named_file(self, name: str) -> Written:
        if "://" in name:
            raise Barred(At(name), "must be a file or an http or https URL")
        home = Path(name).resolve()
        self._folders.append(home.parent)
        return self._file(name, home, At(name))

    def _file_beside(self, relative: str, base: Written, at: At) -> Written:
        if not isinstance(base.home, Path):  # of a URL's document everything is a URL
            raise Barred(at, f"refers to {relative!r}, which is not a URL that was named")
        home = _real(base.home.parent / relative, at)
        self._check(home, relative, at)
        return self._file(os.path.normpath(Path(base.name).parent / relative), home, at)

    def _check(self, home: Path, relative: str, at: At) -> None:
        folders = [folder for folder in self._folders if home.is_relative_to(folder)]
        if not folders:
            hint = "only files in the folder of a named document, or below, are read"
            raise Barred(at, f"refers to {relative!r}, which lies outside", hint)
        hidden = all(any(part.startswith(".") for part in home.relative_to(folder).parts) for folder in folders)
        if hidden or home.suffix.lower() not in _SUFFIXES:
            raise Barred(at, f"refers to {relative!r}, which is not a document", "a file ends in .json, .yaml or .yml")

    def _file(self, name: str, home: Path, at: At) -> Written:
        if home in self._written:
            return self._written[home]
        try:
            return self._keep(name, home, content_of(home))
        except OSError as error:
            why = (error.strerror or "unknown reason").lower()
            missing = f"refers to {name}, which cannot be read: {why}"
            raise Barred(at, missing if at.pointer else f"cannot be read: {why}") from error

    def _keep(self, name: str, home: str | Path, content: bytes) -> Written:
        self._size += len(content)
        if len(content) > LARGEST or self._size > ALTOGETHER or len(self._written) == MOST:
            most = f"{LARGEST // 1024**2} MiB, all together {ALTOGETHER // 1024**2} MiB in {MOST} documents"
            raise Barred(At(name), f"must not be larger than {most}", "name a smaller one, or a part of it")
        if name in self._names:  # links can give two files one name
            name = str(home)
        source = Source(name, hashlib.sha256(content).hexdigest(), len(content))
        text = _text(name, content)
        root, json = _value(name, text)
        made = self._written[home] = self._names[name] = Written(source, home, text, json, root)
        return made


def _real(path: Path, at: At) -> Path:
    try:
        return path.resolve()
    except (OSError, ValueError, RuntimeError):  # too long, a NUL, a circle of links
        raise Barred(at, "refers to a file whose name cannot be read") from None


def _text(name: str, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise Barred(At(name), "must be UTF-8", "save it as UTF-8", (line, column)) from None


def _value(name: str, text: str) -> tuple[Any, bool]:
    """What a text holds, and whether it is JSON. A file that says it is YAML may hold JSON, which has more readers."""
    begins = text.lstrip()[:1]
    if begins == "<":
        raise Barred(At(name), "is a page, not a document", "name the URL of the document itself, …/openapi.json")
    try:
        if name.lower().endswith(".json"):
            return json_text.read(text), True
        if begins in {"{", "["}:
            return _either(name, text)
        return yaml_text.read(text), False
    except Unreadable as error:
        raise Barred(At(name), error.message, error.hint, error.spot) from None


def _either(name: str, text: str) -> tuple[Any, bool]:
    try:
        return json_text.read(text), True
    except Unreadable:
        if not name.lower().endswith((".yaml", ".yml")):
            raise
    return yaml_text.read(text), False
