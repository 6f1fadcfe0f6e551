"""The page that GraphiQL runs in: HTML and the headers that fence it in. Pure; refuses to know routes and requests.

What varies travels in data attributes, so the page has no inline script of its own, and the Content-Security-Policy
lets it load code from nowhere but this origin (W3C CSP3). Only the page of a gateway without a build names a CDN.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from importlib.resources import files
from string import Template

from bff.graphiql import cdn
from bff.graphiql.bundle import Bundle, Content

_TEMPLATE = Template(files(__package__).joinpath("page.html").read_text("utf-8"))

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "worker-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",  # Monaco positions text by style attributes
    "font-src": "data:",  # the style sheet holds its fonts
    "img-src": "'self' data:",  # and no others: descriptions are Markdown, an image there would tell who reads
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",  # nobody may lay our run button under their own
}
_CDN_POLICY = _POLICY | {
    "script-src": " ".join([f"'{cdn.START_HASH}'", *(script.url for script in cdn.SCRIPTS)]),
    "style-src": f"'unsafe-inline' {cdn.STYLE.url}",
}


def render(bundle: Bundle | None, *, endpoint: str, assets: str, default_query: str, headers: str) -> Content:
    """The page for one graph.

    `endpoint` and `assets` are URLs of the same origin, of the graph and of the folder that serves `Bundle.asset`; they
    may be relative to the page. `headers` is what the headers editor starts with: JSON, comments allowed.
    """
    style, scripts, policy = _from_cdn() if bundle is None else _from(bundle, assets)
    text = _TEMPLATE.substitute(
        style=style, scripts=scripts, endpoint=escape(endpoint), query=escape(default_query), headers=escape(headers)
    )
    return Content(text.encode(), _headers(policy))


def _from(bundle: Bundle, assets: str) -> tuple[str, str, Mapping[str, str]]:
    folder = escape(assets.rstrip("/"))
    style = f'<link rel="stylesheet" href="{folder}/{bundle.style}">'
    return style, f'<script type="module" src="{folder}/{bundle.script}"></script>', _POLICY


def _from_cdn() -> tuple[str, str, Mapping[str, str]]:
    style = '<link rel="stylesheet" href="{}" integrity="{}" crossorigin="anonymous">'.format(*cdn.STYLE)
    tag = '<script src="{}" integrity="{}" crossorigin="anonymous"></script>'
    scripts = [tag.format(*script) for script in cdn.SCRIPTS]
    return style, "\n".join([*scripts, f"<script>{cdn.START}</script>"]), _CDN_POLICY


def _headers(policy: Mapping[str, str]) -> dict[str, str]:
    return {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "cache-control": "no-cache",  # names the current build's files
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
    }
