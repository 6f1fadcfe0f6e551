"""An example as a person sees it: forms, a list, what it says. All four look the same."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Locator, Page, Request


class App:
    """One tab, what it asked the gateway, and what broke in it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.asked: list[Request] = []
        self.broken: list[str] = []
        page.on("request", self._asks)
        page.on("pageerror", lambda error: self.broken.append(str(error)))

    def sign_in(self, token: str) -> None:
        self._fill("User", "Sign in", Token=token)

    def look_up(self, iata: str) -> None:
        self._fill("Airport", "Look up", Airport=iata)

    def plan(self, title: str, first: str, last: str) -> None:
        self._fill("Trip", "Plan", Title=title, From=first, To=last)

    def more(self) -> None:
        self.page.get_by_role("button", name="More cities").click()

    @property
    def airport(self) -> Locator:
        return self.page.get_by_role("heading", level=2)

    @property
    def cities(self) -> Locator:
        return self.page.get_by_role("listitem")

    @property
    def alert(self) -> Locator:
        return self.page.get_by_role("alert")

    @property
    def planned(self) -> Locator:
        return self.page.get_by_role("status")

    @property
    def members(self) -> set[str]:
        """Of the requests that were sent, in body or URL."""
        return {member for request in self.asked for member in _members(request)}

    def _asks(self, request: Request) -> None:
        if urlsplit(request.url).path == "/graphql":
            self.asked.append(request)

    def _fill(self, form: str, button: str, **values: str) -> None:
        found = self.page.get_by_role("form", name=form, exact=True)
        for label, value in values.items():
            found.get_by_label(label, exact=True).fill(value)
        found.get_by_role("button", name=button).click()


def _members(request: Request) -> set[str]:
    """None, of the question that a browser asks before it sends."""
    return {*json.loads(request.post_data or "{}"), *parse_qs(urlsplit(request.url).query)}
