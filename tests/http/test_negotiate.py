from __future__ import annotations

from dataclasses import replace

import pytest

from bff.negotiate import EVENT_STREAM, GRAPHQL_RESPONSE, HTML, JSON, MULTIPART, Form, form_of, is_json

NEW = Form(GRAPHQL_RESPONSE)
NAMED_JSON = Form(JSON, refused_is_200=True)
ANY_JSON = Form(JSON)
EVENTS = Form(EVENT_STREAM, stream="sse")
PARTS = Form(MULTIPART, stream="multipart")
APOLLO = 'multipart/mixed;boundary="graphql";subscriptionSpec=1.0'
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed"
)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, NEW),
        ("", NEW),
        (" , ", NEW),
        ("application/graphql-response+json; charset=utf-8, application/json; charset=utf-8", NEW),  # recommended
        ("*/*", ANY_JSON),
        ("application/*", ANY_JSON),
        ("application/json", NAMED_JSON),
        ("APPLICATION/JSON; charset=utf-8", NAMED_JSON),
        ("application/json, */*", NAMED_JSON),
        ("application/json, multipart/mixed", replace(NAMED_JSON, parts="both")),  # GraphiQL
        ("multipart/mixed;deferSpec=20220824,application/json", replace(NAMED_JSON, parts="2022")),  # Apollo Client
        ("multipart/mixed;incrementalSpec=v0.2,application/json", replace(NAMED_JSON, parts="2023")),
        ('multipart/mixed; deferSpec="20220824", */*', replace(ANY_JSON, parts="2022")),
        ("multipart/mixed;q=0, application/json", NAMED_JSON),
        ("multipart/mixed;unheardSpec=1, application/json", NAMED_JSON),
        ("application/graphql-response+json", NEW),
        ("application/graphql-response+json,application/json;q=0.9", NEW),  # Apollo Client
        ("application/json;q=0.9, application/graphql-response+json", NEW),
        ("application/json, application/graphql-response+json", NEW),  # of equals the newer
        ("application/graphql-response+json;q=0.5, application/json", NAMED_JSON),
        (URQL, replace(NEW, stream="sse", parts="both")),
        ("text/event-stream, multipart/mixed", replace(EVENTS, parts="both")),  # urql's subscriptions
        ("text/event-stream", replace(EVENTS, parts="both")),  # graphql-sse and browsers
        ("text/event-stream;incrementalSpec=v0.2", replace(EVENTS, parts="2023")),
        ('text/event-stream; deferSpec="20220824"', replace(EVENTS, parts="2022")),
        ("text/event-stream;unheardSpec=1", EVENTS),
        ("text/event-stream, application/json", replace(NAMED_JSON, stream="sse")),
        ("text/event-stream, */*", replace(ANY_JSON, stream="sse")),
        ("text/event-stream;q=0", None),
        (f"{APOLLO}, application/json", replace(NAMED_JSON, stream="multipart")),
        (APOLLO, PARTS),
        ("multipart/mixed", replace(ANY_JSON, parts="both")),  # what has no parts is JSON
        ("multipart/form-data", None),
        (BROWSER, ANY_JSON),
        # the more specific range says what a type is worth, and the dearest type is taken
        ("application/json;q=0.1, */*", NEW),
        ("application/json;q=0, */*", NEW),
        ("application/json;q=0, application/*", NEW),
        ("application/graphql-response+json;q=0, */*", ANY_JSON),
        ("application/*;q=0, */*", None),
        ("application/*;q=0, */*, application/json;q=0.1", NAMED_JSON),
        ("application/json; q = 0.5 , text/plain", NAMED_JSON),
        ("application/json;q=0, application/json", NAMED_JSON),
        # nothing on offer
        ("text/html", None),
        ("text/*", None),
        ("application/xml", None),
        ("*/*;q=0", None),
        ("application/json;q=0", None),
        ("application/json;q=0.0", None),
        # a weight that is none counts as none
        *[(f"application/json;q={weight}", None) for weight in ("high", "", "-1", "2", "nan", "inf", "1e9")],
        ("json", None),
        ("*", None),
        ("x" * 100_000, None),
        ("x" * 100_000 + ", application/json", NAMED_JSON),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_accept_decides_the_form(accept: str | None, form: Form | None) -> None:
    assert form_of(accept) == form


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (BROWSER, HTML),
        ("text/html", HTML),
        ("text/html, application/xhtml+xml, */*", HTML),
        ("text/html;q=0.9, application/json;q=0.1", HTML),
        ("application/json, text/html;q=0.9", JSON),
        ("application/json, text/html", JSON),  # whoever names JSON too is no browser
        ("text/html;q=0, */*", JSON),
        ("text/*, */*;q=0.1", JSON),
        ("*/*", JSON),
        (None, GRAPHQL_RESPONSE),
    ],
)
def test_a_page_is_for_those_who_name_html_and_would_rather_have_it(accept: str | None, media_type: str) -> None:
    form = form_of(accept, page=True)
    assert form
    assert form.media_type == media_type


@pytest.mark.parametrize(
    ("content_type", "readable"),
    [
        ("application/json", True),
        ("Application/JSON", True),
        ("application/json;", True),
        ("application/json; charset=utf-8", True),
        ('application/json ; charset="UTF-8"', True),
        ("application/json;charset=utf8;odata=minimal", True),
        ("application/json; charset=utf-16", False),
        ("application/json; charset=iso-8859-1", False),
        ("application/json; charset=utf-8; charset=utf-16", False),
        ("application/json; charset", False),
        ("application/json, application/json", False),
        ("application/graphql", False),
        ("application/graphql+json", False),
        ("application/x-www-form-urlencoded", False),
        ("multipart/form-data; boundary=x", False),
        ("text/plain", False),
        ("text/plain; application/json", False),
        ("json", False),
        ("", False),
        (None, False),
        ("application/json;" + "x" * 100_000, False),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_only_json_in_utf_8_is_read(content_type: str | None, readable: bool) -> None:
    assert is_json(content_type) is readable
