"""Makes machine code of the modules that every operation passes through: what ships, and what is tested and measured.

mypyc compiles them as they are, by their types; bff/compiled.py says when the outcome is used. A module belongs here if
a plain query or a route runs through it, and it holds no class that only the interpreter can make (Strawberry's,
pydantic's, msgspec's) and none that inherits from an interpreted one to which somebody keeps weak references: mypyc
(2.4) frees these along with the instance, though they are not its own. What is compiled already, of these sources, is
left alone.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from bff.compiled import FOLDER, RECORD, digest_of, found

if TYPE_CHECKING:
    from setuptools import Extension
    from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
HOLDS = "bff__mypyc"  # the extension that has the code of all; those of the modules lead to it

MODULES = {
    "": "envelope front negotiate",
    "codec": "kinds text",
    "auth": "authenticate client credentials identify",
    "connectors": "path rows template",
    "document": "document documents selections sound",
    "endpoint": "deliver graphql head intake leaving packing reply",
    "execute": "build codes complete direct emit in_parts naming narrow parts program run typed wants",
    "limits": "actual memory price quota ratelimit_headers shape sizes store",
    "operation": "asking flight observed operations runnable sharing",
    "persisted": "run",
    "plan": "call compile compile_parts context fetch inputs kept lanes load model plainly scope waves",
    "proxy": "accepted cycle framing http1 scope wishes",
    "telemetry": "logs metrics several surface tally trace",
    "upstreams": "alarms arriving body bounds cap circuit coalesce decoded head idle limit link memo "
    "observe parser query seam seen upload whole wire writes",
}


def modules() -> list[str]:
    """Their full names, in order."""
    return sorted(
        ".".join(filter(None, ("bff", package, name))) for package, names in MODULES.items() for name in names.split()
    )


def is_current() -> bool:
    finder = found()
    return finder is not None and finder.modules == {*modules(), HOLDS}


def lacking() -> str:
    """What is not here that a compiler needs, or nothing."""
    if shutil.which("cc") is None and shutil.which("gcc") is None:
        return "a C compiler (gcc and libc6-dev)"
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        return "Python's headers (python3-dev)"
    return ""


def compile_all(names: list[str], into: Path) -> None:
    """Leaves the extensions of these modules and their record in `into`, which is made anew."""
    from mypyc.build import mypycify
    from setuptools import Distribution

    sources = [f"{name.replace('.', '/')}.py" for name in names]
    with contextlib.chdir(ROOT), tempfile.TemporaryDirectory(prefix="bff-compiled-") as temporary:
        built = Path(temporary)
        extensions = mypycify(
            sources, opt_level="2", debug_level="0", multi_file=True, group_name="bff", target_dir=str(built / "c")
        )
        command = _builder()(Distribution({"name": "bff", "ext_modules": extensions}))
        command.build_lib, command.build_temp = str(built / "lib"), str(built / "temp")
        command.ensure_finalized()
        command.run()
        _keep(built / "lib", names, into)


def _builder() -> type[build_ext]:
    """The build of setuptools, except that it compiles as many files at once as there are processors."""
    from setuptools.command.build_ext import build_ext

    class InParallel(build_ext):  # type: ignore[misc]  # setuptools has no types
        def build_extension(self, ext: Extension) -> None:
            def compiled(source: str) -> list[str]:
                made: list[str] = self.compiler.compile(
                    [source], self.build_temp, include_dirs=ext.include_dirs, extra_postargs=ext.extra_compile_args
                )
                return made

            with ThreadPoolExecutor(os.cpu_count()) as pool:
                ext.extra_objects = [each for made in pool.map(compiled, ext.sources) for each in made]
            ext.sources = []
            super().build_extension(ext)

    return InParallel


def _keep(built: Path, names: list[str], into: Path) -> None:
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir()
    suffix = str(sysconfig.get_config_var("EXT_SUFFIX"))
    for name in (*names, HOLDS):
        shutil.copy(built / f"{name.replace('.', '/')}{suffix}", into / f"{name}{suffix}")
    record = {"suffix": suffix, "holds": HOLDS, "modules": names, "sources": digest_of()}
    (into / RECORD).write_text(json.dumps(record, indent=1), encoding="utf-8")


def main() -> None:
    if is_current():
        return
    if missing := lacking():
        sys.stderr.write(f"machine_code.py: without {missing} nothing is compiled; the sources run as they are\n")
        return
    names = modules()
    sys.stdout.write(f"Compiling {len(names)} modules; this takes a minute or two, once.\n")
    compile_all(names, FOLDER)


if __name__ == "__main__":
    main()
