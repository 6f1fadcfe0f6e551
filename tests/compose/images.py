"""The images that the test needs: pulled where they can be had, otherwise stood in for by Debian's packages.

Builds without any network of its own: wheels come from deploy/wheelhouse, by this machine's pip. Knows no container.
"""

from __future__ import annotations

import os
import shutil

from tests.compose.docker import ROOT, Docker, Missing, run, succeeds

STAND_IN = "bff-stand-in:bookworm"

# As in docker-compose.yml.
WANTED = {
    "PYTHON_IMAGE": "python:3.11-slim",
    "HAPROXY_IMAGE": "haproxy:3.2-alpine",
    "VALKEY_IMAGE": "valkey/valkey:8-alpine",
}


async def base_images(docker: Docker) -> dict[str, str]:
    """An image for each of docker-compose.yml's variables. Raises Missing, CommandFailed."""
    wanted = {variable: os.environ.get(variable, usual) for variable, usual in WANTED.items()}
    had = {image: await _had(docker, image) for image in wanted.values()}
    if not all(had.values()):
        await _stand_in(docker, [image for image, here in had.items() if not here])
    return {variable: image if had[image] else STAND_IN for variable, image in wanted.items()}


async def build(docker: Docker, python_image: str) -> None:
    """Both images of deploy/Dockerfile, under the names that docker-compose.yml knows. Raises CommandFailed."""
    await run("deploy/wheels", within=600)
    arguments = ("--build-arg", f"PYTHON_IMAGE={python_image}", "--build-arg", "WHEELS=given")
    for target in ("gateway", "backends"):
        names = ("--target", target, "--tag", f"bff-demo-{target}")
        await run(docker.client, "build", "--file", "deploy/Dockerfile", *arguments, *names, ".", within=900)


async def _had(docker: Docker, image: str) -> bool:
    here = await succeeds(docker.client, "image", "inspect", image)
    return here or await succeeds(docker.client, "pull", "--quiet", image, within=300)


async def _stand_in(docker: Docker, absent: list[str]) -> None:
    if await succeeds(docker.client, "image", "inspect", STAND_IN):
        return
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        raise Missing(
            f"{', '.join(absent)} cannot be pulled; root with debootstrap can make an image that stands in"
            " (Debian: apt-get install debootstrap)"
        )
    await run(str(ROOT / "deploy/base-image"), STAND_IN, within=1_200, environment={"DOCKER": docker.client})
