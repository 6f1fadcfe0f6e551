"""Finding the adopter's graph: `module:attribute` below the configuration's folder, and nowhere else.

PyPI has popular packages called `schema` and `resolvers`, and a console script does not have its working directory on
the path: so the folder goes first, and a module that was found elsewhere is refused by name.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from pathlib import Path
from types import ModuleType

import strawberry

from bff.errors import Problem, StartRefused


def load_graph(spec: str, folder: Path) -> strawberry.Schema:
    """The Strawberry schema that `spec` names. Raises StartRefused, saying what was found instead."""
    name, _, attribute = spec.partition(":")
    folder = folder.resolve()
    if str(folder) not in sys.path[:1]:
        sys.path.insert(0, str(folder))
    module = _module(name, folder)
    _below(module, folder)
    found = getattr(module, attribute, None)
    if not isinstance(found, strawberry.Schema):
        what = "nothing" if found is None else f"a {type(found).__name__}"
        raise _refused(f"'{attribute}' in {module.__file__} is {what}", "a strawberry.Schema is needed")
    if found.extensions:
        raise _refused("the schema has Strawberry extensions", "the gateway runs operations itself and would skip them")
    return found


def _module(name: str, folder: Path) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        itself = error.name and name.partition(".")[0] == error.name.partition(".")[0]
        if itself and not _frames(error, folder):  # else a module of theirs was found, and asked for one that is not
            raise _refused(f"there is no module '{name}' in {folder}", "see --app-dir") from None
        raise _broken(error, folder) from error
    except (Exception, SystemExit) as error:
        raise _broken(error, folder) from error


def _below(module: ModuleType, folder: Path) -> None:
    file = Path(module.__file__ or "").resolve()
    if folder not in file.parents:
        raise _refused(f"'{module.__name__}' was found at {file}", f"it must lie below {folder}")


def _broken(error: BaseException, folder: Path) -> StartRefused:
    """The adopter's code raised while it was imported: the last of their own lines is where."""
    frames = _frames(error, folder)
    if isinstance(error, SyntaxError):
        file, line, column = error.filename or "", error.lineno or 0, error.offset or 0
    else:
        file, line, column = (frames[-1].filename, frames[-1].lineno or 0, 1) if frames else ("", 0, 0)
    message = f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"
    return StartRefused([Problem(place="graph", message=message, file=file, line=line, column=column)])


def _frames(error: BaseException, folder: Path) -> list[traceback.FrameSummary]:
    return [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(folder)]


def _refused(message: str, hint: str) -> StartRefused:
    return StartRefused([Problem(place="graph", message=message, hint=hint)])
