"""bff.yaml -> Config, or every mistake in it at once, in the order of the file. Knows no setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bff.config.document import Document, Entries, Items, Node, Scalar, Spot, read_document
from bff.config.english import explain
from bff.config.mistakes import KEY, Mistake, Place
from bff.config.model import Config
from bff.config.references import Referring, refers, resolve
from bff.errors import Problem, StartRefused

LARGEST = 1_024**2  # bytes of one file
WHOLE_FILE = "configuration"  # the place of a problem that no key is to blame for


def load(path: Path, environ: Mapping[str, str]) -> Config:
    """The configuration in the file at `path`. Raises StartRefused with every problem."""
    return parse(_text(path), environ, file=str(path))


def parse(text: str, environ: Mapping[str, str], *, file: str = "bff.yaml") -> Config:
    """The configuration that `text` says; an empty one is every default. `file` is what problems call it."""
    reading = _Reading(environ)
    config = reading.config(read_document(text))
    if config is None or reading.found:
        found = sorted(reading.found, key=lambda item: (item[0].line, item[0].column))
        raise StartRefused([_problem(file, *item) for item in dict.fromkeys(found)])
    return config


def _problem(file: str, spot: Spot, place: Place, mistake: Mistake) -> Problem:
    return Problem(_spelled(place), mistake.message, mistake.hint, file, spot.line, spot.column)


def _spelled(place: Place) -> str:
    """A place as people write it: upstreams.trips.forward[0]."""
    steps = [f"[{step}]" if isinstance(step, int) else f".{step}" for step in place if step != KEY]
    return "".join(steps).removeprefix(".") or WHOLE_FILE


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        wrong = f"cannot be read: {(error.strerror or 'unknown reason').lower()}"
        raise StartRefused([Problem(WHOLE_FILE, wrong, "name another with --config", str(path))]) from error
    if len(content) > LARGEST:
        raise StartRefused([Problem(WHOLE_FILE, "must not be larger than 1MiB", file=str(path))])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise StartRefused([Problem(WHOLE_FILE, "must be UTF-8", "", str(path), line, column)]) from error


@dataclass(slots=True)
class _Reading:
    """One document on its way to a Config: where everything stood, and what was wrong."""

    environ: Mapping[str, str]
    found: list[tuple[Spot, Place, Mistake]] = field(default_factory=list)
    spots: dict[Place, Spot] = field(default_factory=dict)
    spoilt: set[Place] = field(default_factory=set)  # values whose references failed: further complaints are noise

    def config(self, document: Document) -> Config | None:
        for flaw in document.flaws:
            self.found.append((flaw.at, flaw.place, Mistake(flaw.message, flaw.hint)))
        if document.root is None and document.flaws:
            return None
        root = document.root or Entries((), Spot(1, 1))
        if not isinstance(root, Entries):
            self.found.append((root.at, (), Mistake("must be a mapping of settings", 'such as "graph: schema:schema"')))
            return None
        return self._validated(self._plain(root, ()))

    def _validated(self, settings: Any) -> Config | None:
        try:
            return Config.model_validate(settings)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                for place, mistake in explain(details):
                    if place not in self.spoilt:
                        self.found.append((self._spot(place), place, self._told(mistake)))
        return None

    def _told(self, mistake: Mistake) -> Mistake:
        """The mistake with the line of the place that it refers to."""
        if not mistake.first:
            return mistake
        return replace(mistake, hint=f"the first is in line {self._spot(mistake.first).line}", first=())

    def _plain(self, node: Node, place: Place) -> Any:
        """The node as plain Python; notes on the way where everything stands."""
        self.spots[place] = node.at
        if isinstance(node, Scalar):
            return self._scalar(node, place)
        if isinstance(node, Items):
            return [self._plain(item, (*place, at)) for at, item in enumerate(node.nodes)]
        self.spots |= {(*place, entry.key, KEY): entry.at for entry in node.entries}
        return {entry.key: self._plain(entry.node, (*place, entry.key)) for entry in node.entries}

    def _scalar(self, scalar: Scalar, place: Place) -> Any:
        if not refers(scalar.text):
            return scalar.value
        resolved = resolve(scalar.text, self.environ)
        if resolved.mistakes:
            self.spoilt.add(place)
            self.found += [(scalar.at, place, mistake) for mistake in resolved.mistakes]
        return Referring.of(resolved.text, scalar.text)

    def _spot(self, place: Place) -> Spot:
        """Where `place` stands; for what is not there, the key of the section that lacks it."""
        if place in self.spots:
            return self.spots[place]
        section = place[:-1]
        return self.spots.get((*section, KEY)) or self.spots.get(section) or Spot(1, 1)
