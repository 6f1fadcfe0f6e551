"""The pages in docs/ against the code that they describe."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from bff.cli.commands import app
from bff.errors import BffError

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
EXAMPLES = ROOT / "examples"
PAGES = [ROOT / "README.md", *sorted(DOCS.glob("*.md")), EXAMPLES / "README.md", *sorted(EXAMPLES.glob("*/README.md"))]

FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]+))?\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def kinds(above: type[BffError] = BffError) -> Iterator[type[BffError]]:
    for kind in above.__subclasses__():
        yield kind
        yield from kinds(kind)


def anchors(page: Path) -> set[str]:
    """What headings are called in links: words in lower case with hyphens between them."""
    headings = HEADING.findall(FENCE.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_error_is_on_its_page_with_status_and_fault_and_no_other() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \| (\w+) \| \S", (DOCS / "errors.md").read_text("utf-8"), re.MULTILINE)
    told = {kind for kind in kinds() if "code" in vars(kind)}
    assert sorted(rows) == sorted({(kind.code, str(kind.status), kind.fault) for kind in told})


def commands() -> Iterator[tuple[str, Any]]:
    """Each command with the name of its section."""
    root: Any = get_command(app)
    yield "", root
    for name, command in root.commands.items():
        yield from ((name, each) for each in (command, *getattr(command, "commands", {}).values()))


def options() -> Iterator[tuple[str, str]]:
    for name, command in commands():
        yield from ((name, below) for below in getattr(command, "commands", {}) if name)
        for parameter in command.params:
            if not getattr(parameter, "hidden", False) and parameter.name != "help":
                yield from ((name, spelling) for spelling in (*parameter.opts, *parameter.secondary_opts))


@pytest.mark.parametrize(("command", "option"), sorted(set(options())))
def test_every_option_is_on_the_page_of_the_command_line(command: str, option: str) -> None:
    common, *sections = re.split(r"^## bff ", (DOCS / "cli.md").read_text("utf-8"), flags=re.MULTILINE)
    own = next((section for section in sections if section.split()[0] == command), "")
    spelled = {f"`{option}`", f"`{option.upper()}`"}
    assert any(spelling in own for spelling in spelled) or (
        option in {"--config", "--app-dir", "--version"} and f"`{option}`" in common
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for path, anchor in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        target = (page.parent / path) if path else page
        assert target.exists(), f"{page.name} links to {path}"
        assert not anchor or anchor in anchors(target), f"{page.name} links to {path}#{anchor}"


def shape(value: Any) -> Any:
    """A JSON value without its numbers and texts; a list is what its first item is."""
    if isinstance(value, dict):
        return {name: shape(member) for name, member in value.items()}
    return [shape(item) for item in value[:1]] if isinstance(value, list) else type(value)


def test_the_plan_on_the_page_has_the_members_that_plans_have() -> None:
    (told,) = re.findall(r"```json\n(.*?)```", (DOCS / "cli.md").read_text("utf-8"), re.DOTALL)
    command = [str(Path(sys.executable).with_name("bff")), "plan", "example.graphql", "--json"]
    printed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60).stdout
    assert shape(json.loads(told)) == shape(json.loads(printed))
