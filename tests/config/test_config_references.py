"""${NAME} references, as pure text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.config.references import refers, resolve

ENVIRON = {"HOST": "example.test", "EMPTY": "", "TRICK": "${HOST}", "_9": "nine"}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("plain", "plain"),
        ("${HOST}", "example.test"),
        ("http://${HOST}:80/${_9}", "http://example.test:80/nine"),
        ("${NONE:-http://127.0.0.1:1}", "http://127.0.0.1:1"),
        ("${HOST:-other}", "example.test"),
        ("${EMPTY:-other}", "other"),
        ("${EMPTY}", ""),
        ("${NONE:-}", ""),
        ("$${HOST}", "${HOST}"),
        ("$$${HOST}", "$${HOST}"),
        ("${TRICK}", "${HOST}"),
        ("$HOST and $ and {}", "$HOST and $ and {}"),
    ],
)
def test_a_reference_becomes_what_the_environment_says(text: str, result: str) -> None:
    resolved = resolve(text, ENVIRON)
    assert (resolved.text, resolved.mistakes) == (result, ())


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        ("${NONE}", ["the variable NONE is not set"]),
        ("${A}${B}", ["the variable A is not set", "the variable B is not set"]),
        ("${HOST", ["has a ${ without its }"]),
        ("${}", ["has a reference that is none"]),
        ("${9A}", ["has a reference that is none"]),
        ("${HOST-x}", ["has a reference that is none"]),
        ("${A:-${HOST}}", ["has a reference that is none"]),
        ("${HÖST}", ["has a reference that is none"]),
    ],
)
def test_a_reference_that_cannot_be_resolved_is_a_mistake(text: str, messages: list[str]) -> None:
    assert [mistake.message for mistake in resolve(text, ENVIRON).mistakes] == messages


@given(st.text(alphabet="${}:-AB_ é\n"))
def test_an_escaped_text_means_itself(text: str) -> None:
    escaped = resolve(text.replace("${", "$${"), {})
    assert (escaped.text, escaped.mistakes) == (text, ())


@given(st.text(alphabet="${}:-AB_ é\n"))
def test_a_text_without_references_stays_as_it_is(text: str) -> None:
    assert refers(text) or resolve(text, {"A": "1"}).text == text
