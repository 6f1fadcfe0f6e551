"""Who takes part, and how each is started. Knows commands and settings; knows neither load nor figures."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal

from ruamel.yaml import YAML

from bench import settings
from bench.process import DidNotStart, free_port, running

HERE = Path(__file__).parent
ROOT = HERE.parent
OURS = ROOT / ".venv" / "bin"
PEERS = HERE / "peers"
CACHE = HERE / ".cache"
TAILCALL = PEERS / "node_modules" / "@tailcallhq" / "core-linux-x64-gnu" / "bin" / "tailcall"
CONFIG = HERE / "gateway" / "bff.yaml"


@dataclass(frozen=True)
class Running:
    """A system that answers at `url`; `pid` is the first of its processes."""

    name: str
    pid: int
    url: str
    key: str = ""


@dataclass(frozen=True)
class Place:
    """Where a system may write, where its services are, and the checkout that our engine is taken from."""

    folder: Path
    upstream: str
    tree: Path = ROOT


Start = Callable[[Place], AbstractContextManager[Running]]


@dataclass(frozen=True)
class System:
    name: str
    about: str
    start: Start


@contextlib.contextmanager
def _listening(
    name: str, command: list[str | Path], port: int, place: Place, *, environment: Mapping[str, str], key: str = ""
) -> Iterator[Running]:
    with running(
        command, port=port, output=place.folder / f"{name}.log", cwd=place.folder, environment=environment
    ) as pid:
        yield Running(name, pid, f"http://127.0.0.1:{port}/graphql", key)


@cache
def _new_key(tree: Path) -> tuple[str, str]:
    """An API key of ours and its digest: made for this run, stored nowhere."""
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    done = subprocess.run([OURS / "bff", "keys", "new"], capture_output=True, text=True, check=False, env=environment)
    digest = re.search(r"sha256: (\w+)", done.stderr)
    if done.returncode or digest is None:
        raise DidNotStart("\n".join(done.stderr.splitlines()[-12:]))
    return done.stdout.strip(), digest[1]


def _names_of_settings(tree: Path) -> str:
    return (tree / "bff" / "config" / "bff.schema.json").read_text("utf-8")


def _configuration(place: Place, name: str, without: str | None, shared: bool) -> Path:
    written = place.folder / f"{name}.yaml"
    made = settings.made(
        YAML(typ="safe").load(CONFIG), without=without, shared=shared, known=_known(_names_of_settings(place.tree))
    )
    written.write_text(json.dumps(made))  # JSON is YAML
    return written


def _known(schema: str) -> set[str]:
    """The names of all settings: the properties, at any depth, of the JSON Schema of bff.yaml."""

    def names(node: object) -> Iterator[str]:
        if isinstance(node, dict):
            yield from node.get("properties", {})
            for member in node.values():
                yield from names(member)
        elif isinstance(node, list):
            for item in node:
                yield from names(item)

    return set(names(json.loads(schema)))


def ours(
    place: Place,
    *,
    name: str = "ours",
    without: str | None = None,
    shared: bool = False,
    log: str = "warning",
    compiled: bool = True,
    program: Sequence[str | Path] = (OURS / "bff",),
) -> AbstractContextManager[Running]:
    """One process of `bff serve`.

    It logs what goes wrong; a line for each operation would be work that its peers do not do.
    """
    engine = {"PYTHONPATH": str(place.tree), "BFF_SOURCES": "0" if compiled else "1"}
    key, digest = _new_key(place.tree)
    port, config = free_port(), _configuration(place, name, without, shared)
    command: list[str | Path] = [*program, "--config", config, "--app-dir", CONFIG.parent]
    command += ["serve", "--port", str(port), "--log-level", log]
    environment = {**engine, "UPSTREAM": place.upstream, "KEY_SHA256": digest}
    keyed = without is None or without == "no metrics"
    return _listening(name, command, port, place, environment=environment, key=key if keyed else "")


def plain(place: Place) -> AbstractContextManager[Running]:
    port = free_port()
    command: list[str | Path] = [HERE / ".venv" / "bin" / "python", PEERS / "plain.py", str(port)]
    return _listening("plain", command, port, place, environment={"UPSTREAM": place.upstream})


def floor(place: Place) -> AbstractContextManager[Running]:
    port = free_port()
    command: list[str | Path] = [OURS / "python", PEERS / "floor.py", str(port)]
    return _listening("floor", command, port, place, environment={"UPSTREAM": place.upstream})


def node(
    place: Place, *, name: str, program: str = "", client: Literal["undici", "http"] = "undici"
) -> AbstractContextManager[Running]:
    """`client` makes the calls to services."""
    port = free_port()
    environment = {"UPSTREAM": place.upstream, "NODE_ENV": "production", "CLIENT": client}
    command: list[str | Path] = ["node", PEERS / f"{program or name}.mjs", str(port)]
    return _listening(name, command, port, place, environment=environment)


def tailcall(
    place: Place, *, name: str, config: str = "tailcall.graphql", dedupe: bool = False
) -> AbstractContextManager[Running]:
    """A thread on every core, as it is unless told otherwise."""
    port = free_port()
    text = (PEERS / config).read_text().replace("UPSTREAM", place.upstream).replace("PORT", str(port))
    written = place.folder / f"{name}.graphql"
    written.write_text(text.replace("DEDUPE", "true" if dedupe else "false"))
    command = [*_loader(), TAILCALL, "start", written]
    return _listening(name, command, port, place, environment={"TAILCALL_TRACKER": "false"})


def _loader() -> list[str | Path]:
    """The newer glibc that install.sh unpacked, where this machine's own is too old."""
    folder = CACHE / "glibc" / "usr" / "lib" / "x86_64-linux-gnu"
    return [folder / "ld-linux-x86-64.so.2", "--library-path", folder] if folder.exists() else []


SYSTEMS = {
    each.name: each
    for each in (
        System("ours", "this gateway: API key, price, quota and metrics on; one process", ours),
        System(
            "ours-shared",
            "the same, with in-flight sharing as it is by default",
            partial(ours, name="ours-shared", shared=True),
        ),
        System("floor", "no gateway: the query compiled by hand, uvicorn + aiohttp + msgspec, one process", floor),
        System("plain", "Strawberry + aiodataloader + httpx + FastAPI, one process", plain),
        System("apollo", "Apollo Server 5 + DataLoader + undici, one process", partial(node, name="apollo")),
        System("jit", "graphql-jit + DataLoader + undici on node:http, one process", partial(node, name="jit")),
        System(
            "jit-http",
            "the same, its calls by node:http too",
            partial(node, name="jit-http", program="jit", client="http"),
        ),
        System("tailcall", "Tailcall, batches on, dedupe off; all cores", partial(tailcall, name="tailcall")),
        System(
            "tailcall-bare",
            "Tailcall, batches and dedupe off; all cores",
            partial(tailcall, name="tailcall-bare", config="tailcall-by-id.graphql"),
        ),
        System(
            "tailcall-dedupe",
            "Tailcall, batches and dedupe on; all cores",
            partial(tailcall, name="tailcall-dedupe", dedupe=True),
        ),
    )
}


def layered() -> dict[str, System]:
    """Ours with everything, and with one layer more or less."""
    fewer = {
        name: System(name, name, partial(ours, name=name.replace(" ", "-").replace(",", ""), without=name))
        for name in settings.LAYERS
    }
    unpriced = partial(ours, name="unpriced", program=(OURS / "python", HERE / "gateway" / "unpriced.py"))
    logged = partial(ours, name="logged", log="info")
    interpreted = partial(ours, name="interpreted", compiled=False)
    others = (
        System("no price, no limits", "", unpriced),
        System("a log line each", "", logged),
        System("no machine code", "", interpreted),
    )
    return {"ours": SYSTEMS["ours"], **fewer, **{each.name: each for each in others}}
