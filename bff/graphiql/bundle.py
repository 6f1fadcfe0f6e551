"""The files that web/graphiql builds, as they are sent: read once, found by exact name, never by path.

Refuses to know HTTP requests, routes and the page. A name that the manifest does not list does not exist, so nothing
in a URL can reach another file. Every name holds a hash of its content and may be cached for ever.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import PurePosixPath
from typing import NamedTuple

MANIFEST = "manifest.json"  # written last by the build: where it stands, everything it names stands too

_TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}


class Content(NamedTuple):
    """What a response needs beside its status, which is 200. Header names are lower case."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """One build of GraphiQL."""

    script: str  # file name of the page's module
    style: str  # file name of its style sheet
    packed: Mapping[str, bytes] = field(repr=False)  # file name -> content as gzip, the only form that is stored

    def asset(self, name: str, accept_encoding: str = "") -> Content | None:
        """The file of this name, as gzip where the request's Accept-Encoding allows it; None: no such file."""
        packed = self.packed.get(name)
        if packed is None:
            return None
        headers = {
            "content-type": _TYPES[PurePosixPath(name).suffix],
            "cache-control": "public, max-age=31536000, immutable",
            "vary": "Accept-Encoding",
            "x-content-type-options": "nosniff",
        }
        if accepts_gzip(accept_encoding):
            return Content(packed, headers | {"content-encoding": "gzip"})
        return Content(gzip.decompress(packed), headers)


def read(folder: Traversable) -> Bundle | None:
    """The build in this folder; None: it was never built there. About 2 MB are held for good."""
    manifest = folder / MANIFEST
    if not manifest.is_file():
        return None
    listed = json.loads(manifest.read_bytes())
    packed = {name: (folder / f"{name}.gz").read_bytes() for name in listed["files"]}
    return Bundle(listed["script"], listed["style"], packed)


def accepts_gzip(accept_encoding: str) -> bool:
    """Whether a request with this header takes gzip (RFC 9110 12.5.3); without the header we send it plain."""
    weights: dict[str, str] = {}
    for item in accept_encoding.lower().split(","):
        coding, _, weight = item.partition(";")
        weights[coding.strip()] = weight.strip().removeprefix("q=") or "1"
    return bool(weights.get("gzip", weights.get("*", "0")).strip("0."))
