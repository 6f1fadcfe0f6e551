"""How an answer leaves: its head with the beginning of its body, and neither later than the turn it was written in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from bff.proxy.http1 import _Considerate


class Sent(asyncio.Transport):
    """What the kernel was asked to send, call by call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[bytes] = []
        self.closed = False

    def write(self, data: Any) -> None:
        self.calls.append(bytes(data))

    def writelines(self, list_of_data: Iterable[Any]) -> None:
        self.calls.append(b"".join(list_of_data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def _answer() -> tuple[Sent, _Considerate]:
    sent = Sent()
    return sent, _Considerate(sent, asyncio.get_running_loop(), sent.close)


async def test_a_whole_answer_leaves_by_one_call() -> None:
    sent, answer = _answer()
    answer.write(b"head ")
    answer.write(b"body")
    assert sent.calls == [b"head body"]
    answer.write(b" and more")
    await asyncio.sleep(0)
    assert sent.calls == [b"head body", b" and more"]


async def test_a_head_does_not_wait_for_a_body_that_comes_later() -> None:
    sent, answer = _answer()
    answer.write(b"head ")
    await asyncio.sleep(0)
    answer.write(b"body")
    assert sent.calls == [b"head ", b"body"]


async def test_an_answer_that_is_closed_has_left() -> None:
    sent, answer = _answer()
    answer.write(b"head")
    answer.close()
    await asyncio.sleep(0)
    assert (sent.calls, sent.closed) == ([b"head"], True)


@pytest.mark.parametrize(
    ("head", "bodiless"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", False),
        (b"HTTP/1.1 304 \r\n\r\n", False),
        (b"HTTP/1.1 200 OK\r\n\r\n", True),
    ],
)
async def test_an_answer_without_a_body_leaves_at_once(head: bytes, bodiless: bool) -> None:
    sent = Sent()
    _Considerate(sent, asyncio.get_running_loop(), sent.close, bodiless=bodiless).write(head)
    assert sent.calls == [head]


async def test_nothing_is_written_to_who_is_gone() -> None:
    sent, answer = _answer()
    answer.write(b"head")
    sent.closed = True
    await asyncio.sleep(0)
    assert sent.calls == []
