"""What Python can do here at best: the benchmark's queries compiled by hand, on the libraries that our gateway uses.

Raw ASGI on uvicorn, aiohttp, typed decoding and encoding by msgspec. No GraphQL: it knows four queries by their text. No
credentials, no limits, no policies, no metrics. What is between it and us is what the gateway's work costs.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import msgspec
import uvicorn


class User(msgspec.Struct):
    id: int
    name: str
    email: str


class Title(msgspec.Struct):
    title: str


class Post(msgspec.Struct, rename="camel"):
    id: int
    user_id: int
    title: str


class PostWithUser(Post):
    user: User | None = None


class PostWithAuthor(Post):
    author: User | None = None


class Asked(msgspec.Struct):
    query: str
    variables: dict[str, Any] = {}


ASKED = msgspec.json.Decoder(Asked)
USER, USERS = msgspec.json.Decoder(User), msgspec.json.Decoder(list[User])
TITLES = msgspec.json.Decoder(list[Title])
WITH_USER, WITH_AUTHOR = msgspec.json.Decoder(list[PostWithUser]), msgspec.json.Decoder(list[PostWithAuthor])
ENCODER = msgspec.json.Encoder()
session: aiohttp.ClientSession


async def get(path: str) -> bytes:
    async with session.get(path) as answer:
        return await answer.read()


async def with_user(salt: int) -> dict[str, Any]:
    posts = WITH_USER.decode(await get(f"/posts?salt={salt}"))
    keys = "&".join(f"id={key}" for key in dict.fromkeys(post.user_id for post in posts))
    users = {user.id: user for user in USERS.decode(await get(f"/users?{keys}"))}
    for post in posts:
        post.user = users[post.user_id]
    return {"posts": posts}


async def with_author(salt: int) -> dict[str, Any]:
    posts = WITH_AUTHOR.decode(await get(f"/posts?salt={salt}"))
    keys = list(dict.fromkeys(post.user_id for post in posts))
    rows = await asyncio.gather(*(get(f"/users/{key}") for key in keys))
    users = {key: USER.decode(row) for key, row in zip(keys, rows, strict=True)}
    for post in posts:
        post.author = users[post.user_id]
    return {"posts": posts}


async def titles(salt: int) -> dict[str, Any]:
    return {"posts": TITLES.decode(await get(f"/posts?salt={salt}"))}


async def greet(salt: int) -> dict[str, Any]:
    return {"greet": "Hello World!"}


KNOWN: dict[str, Callable[[int], Awaitable[dict[str, Any]]]] = {
    "query Q($n:Int){posts(salt:$n){id userId title user{id name email}}}": with_user,
    "query Q($n:Int){posts(salt:$n){id userId title author{id name email}}}": with_author,
    "query Q($n:Int){posts(salt:$n){title}}": titles,
    "query Q($n:Int){greet(salt:$n)}": greet,
}


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    body = b""
    more = True
    while more:
        message = await receive()
        body += message["body"]
        more = message["more_body"]
    asked = ASKED.decode(body)
    text = ENCODER.encode({"data": await KNOWN[asked.query](asked.variables["n"])})
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(text))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": text})


async def lifespan(receive: Any, send: Any) -> None:
    global session
    await receive()
    connector = aiohttp.TCPConnector(limit=100)
    async with aiohttp.ClientSession(os.environ["UPSTREAM"], connector=connector) as session:
        await send({"type": "lifespan.startup.complete"})
        await receive()
    await send({"type": "lifespan.shutdown.complete"})


if __name__ == "__main__":
    uvicorn.run(
        app, host="127.0.0.1", port=int(sys.argv[1]), loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
