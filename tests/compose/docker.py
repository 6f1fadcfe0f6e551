"""The Docker client and docker-compose of this machine: found, run, and described where something is missing."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BUILDKIT = {"DOCKER_BUILDKIT": "1"}  # Debian's client asks for it, newer ones have nothing else


class Missing(Exception):
    """Something this machine lacks. The message says what, and what would help."""


class CommandFailed(Exception):
    """A command that did not end with status 0, or not in time. The message ends with what it said last."""


@dataclass(frozen=True, slots=True)
class Docker:
    """`client` builds by BuildKit; `compose` is the beginning of a command, of either docker-compose."""

    client: str
    compose: tuple[str, ...]


async def run(*command: str, within: float = 60, environment: Mapping[str, str] | None = None) -> str:
    """What a command printed on both streams, once it has ended; it may take `within` seconds. Raises CommandFailed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env={**os.environ, **BUILDKIT, **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(within):
            said, _ = await process.communicate()
    except TimeoutError:
        raise CommandFailed(f"{' '.join(command)}\nnot done after {within:.0f} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    text = said.decode(errors="replace")
    if process.returncode:
        raise CommandFailed(f"{' '.join(command)}\nstatus {process.returncode}: {_end(text)}")
    return text


async def find_docker() -> Docker:
    """Raises Missing."""
    clients = [found for folder in os.get_exec_path() if (found := shutil.which("docker", path=folder))]
    if not clients:
        raise Missing("docker is not installed (Debian: apt-get install docker.io docker-compose)")
    if not await succeeds(clients[0], "version"):
        raise Missing(f"no Docker daemon answers {clients[0]}: start dockerd, or name another one by DOCKER_HOST")
    # Of two clients on the path, the first may lack what the second has. From 23 on, building wants a component.
    builders = [client for client in clients if await succeeds(client, "build", "--help")]
    if not builders:
        raise Missing(f"{clients[0]} cannot build by BuildKit: install its buildx component, or Debian's docker.io")
    for compose in ((builders[0], "compose"), ("docker-compose",)):
        if await succeeds(*compose, "version"):
            return Docker(builders[0], compose)
    raise Missing("docker-compose is not installed (Debian: apt-get install docker-compose)")


async def succeeds(*command: str, within: float = 60) -> bool:
    try:
        await run(*command, within=within)
    except (CommandFailed, FileNotFoundError):
        return False
    return True


def _end(text: str, lines: int = 20) -> str:
    return "\n".join(text.splitlines()[-lines:])
