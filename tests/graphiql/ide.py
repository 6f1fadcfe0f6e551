"""GraphiQL as a person sees it: editors, buttons, panels. The one file that knows its markup."""

from __future__ import annotations

import json
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

EDITORS = {
    "query": ".graphiql-query-editor",
    "headers": ".graphiql-editor-tool .graphiql-editor:not(.hidden)",
}


class Ide:
    """One tab with GraphiQL, all that it asked for, and all that it complained about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.requests: list[Request] = []
        self.complaints: list[str] = []
        page.on("request", self._asked)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request: Request) -> None:
        self.requests.append(request)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def open(self, url: str) -> None:
        """Until the editor can be written in and the schema is there."""
        with self.page.expect_response(lambda response: response.request.method == "POST"):
            self.page.goto(url)
        expect(self.lines("query")).to_be_visible()

    def reload(self) -> None:
        self.open(self.page.url)

    def lines(self, editor: Literal["query", "headers"]) -> Locator:
        return self.page.locator(f"{EDITORS[editor]} .view-lines")

    def write(self, editor: Literal["query", "headers"], text: str) -> None:
        """Replaces what the editor holds, and leaves the cursor in it. Pastes: typed brackets close themselves.

        A query begins "query Name"; GraphiQL has taken it in when the tab has that name, a moment after the last key.
        """
        self.page.evaluate("text => navigator.clipboard.writeText(text)", text)
        self.lines(editor).click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.press("Control+V")
        if editor == "query":
            expect(self.page.get_by_role("tab", name=text.split()[1])).to_be_visible()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).click()

    @property
    def result(self) -> Locator:
        return self.page.locator(".result-window .view-lines")

    @property
    def suggestions(self) -> Locator:
        return self.page.locator(".suggest-widget")

    @property
    def mistakes(self) -> Locator:
        return self.page.locator(".graphiql-query-editor .squiggly-error")

    @property
    def panel(self) -> Locator:
        """The one at the left that is open: documentation, history, explorer."""
        return self.page.locator(".graphiql-plugin")

    @property
    def operations(self) -> list[Request]:
        return [request for request in self.requests if request.method == "POST"]

    @property
    def hosts(self) -> set[str | None]:
        """Those it asked; data: and blob: URLs ask nobody."""
        return {urlsplit(asked.url).hostname for asked in self.requests if asked.url.startswith(("http", "ws"))}

    @property
    def remembered(self) -> dict[str, str]:
        """What the browser keeps for this origin."""
        stored: dict[str, str] = json.loads(self.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})"))
        return stored
