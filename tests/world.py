"""A small graph over two services in process, with every kind of field: batched, by id, many, paged, coded."""

from __future__ import annotations

import asyncio
import datetime
import enum
from decimal import Decimal
from typing import Annotated, Any

import httpx
import strawberry
from strawberry.types import Info

from bff import Connection, Offset, argument, connect, constant, field, upstream
from tests.kit import body_of, reply

users = upstream("users")
posts = upstream("posts")

user_by_ids = users.get("/users{?id*}", key="id", max_batch=10)
user_by_id = users.get("/users/{id}")
notes_of = users.post("/notes/batch", body=[{"user": "user", "kind": "kind"}], key=("user", "kind"), many=True)
scores = users.get("/scores{?season,user*}", key="user")
every_post = posts.get("/posts{?limit}", rows="items", many=True)
posts_of = posts.get("/posts/of{?user*}", key="user", many=True, rows="items")
pages = posts.get("/pages{?limit,offset}", rows="items", paging=Offset(total="total"))
search_posts = posts.get("/search{?q}", many=True, typename="Post")
search_users = users.get("/search{?q}", many=True, typename="User")
create_post = posts.post("/posts", body="input", errors={422: "Invalid"}, typename="Post")

for_ever: list[object] = []  # those who wait in `never`


class Stop(enum.Enum):
    FULL = "full"
    HALF = "half"


Stop = strawberry.enum(Stop)  # type: ignore[misc]


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Note:
    text: str
    user: strawberry.Private[str]
    kind: strawberry.Private[str]


@strawberry.type
class Score:
    user: strawberry.ID
    points: int


@strawberry.type
class User(Named):
    """A person."""

    id: strawberry.ID
    born: datetime.date | None
    balance: Decimal | None
    stop: Stop | None
    posts: list[Annotated[Post, strawberry.lazy("tests.world")]] = connect(posts_of, user="id", assumed_size=50)
    notes: list[Note] = connect(notes_of, user="id", kind=constant("memo"), assumed_size=5)
    friends: list[User] = connect(user_by_ids, id="friend_ids", assumed_size=4)
    maybe_friends: list[User | None] = connect(user_by_ids, id="friend_ids", assumed_size=4)

    @connect(scores, user="id")
    def score(self, season: int) -> Score | None:
        """Points in a season."""

    @field()
    def greeting(self) -> str:
        """What to say."""
        return f"Hello {self.name}"

    @field()
    def boom(self) -> str | None:
        raise RuntimeError("the password is hunter2")

    @field()
    async def later(self) -> str:
        await asyncio.sleep(0)
        return f"{self.name} later"


@strawberry.type
class Post(Named):
    id: strawberry.ID
    likes: int = field(path="stats.likes")
    strict: str
    user: strawberry.Private[str]
    author: User | None = connect(user_by_ids, id="author_id")
    author_alone: User | None = connect(user_by_id, id="author_id")

    @field(uses=[user_by_ids])
    async def author_name(self, info: Info) -> str | None:
        row = await info.context.load(user_by_ids, id=self.author_id)  # type: ignore[attr-defined]
        return str(row["name"]) if row else None


@strawberry.type
class Invalid:
    detail: str


@strawberry.input
class PostInput:
    name: str
    author_id: strawberry.ID
    stop: Stop | None = strawberry.UNSET
    on: datetime.date | None = strawberry.UNSET


@strawberry.input
class Filter:
    page_size: int = 5


@strawberry.type
class Query:
    @connect(user_by_ids)
    def user(self, id: strawberry.ID) -> User | None:
        """One person."""

    @connect(user_by_ids, id=argument("ids"))
    def users(self, ids: list[strawberry.ID]) -> list[User | None]: ...

    @connect(every_post, slicing_arguments=["limit"])
    def posts(self, limit: int = 10) -> list[Post]: ...

    @connect(every_post, limit=constant(10), slicing_arguments=["filter.pageSize"])
    def filtered(self, filter: Filter) -> list[Post]: ...

    @connect(pages)
    def pages(self, first: int = 5, after: str | None = None) -> Connection[Post]: ...

    @connect(search_posts, search_users, assumed_size=20)
    def search(self, q: str) -> list[Named]: ...

    @field()
    async def never(self) -> str | None:
        for_ever.append(self)
        try:
            await asyncio.Event().wait()
        finally:
            for_ever.remove(self)
        return "never"

    @field()
    async def total(self, info: Info) -> int:
        """How many posts there are, asked by hand."""
        answer = await info.context.upstream("posts").get("/posts", params={"limit": 3})
        return len(answer.json()["items"])


@strawberry.type
class Mutation:
    @connect(create_post)
    def create_post(
        self, input: PostInput
    ) -> Annotated[Post | Invalid, strawberry.union("CreatePostResult")] | None: ...


schema_arguments: dict[str, Any] = {"query": Query, "mutation": Mutation, "types": [User, Post]}


def make_schema() -> strawberry.Schema:
    """A schema of its own for each gateway: a gateway installs its resolvers on the one it is given."""
    return strawberry.Schema(**schema_arguments)


def user_row(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"user {number}",
        "born": "2000-01-31",
        "balance": "12.50",
        "stop": "half",
        "friend_ids": [number + 1, number + 2],
    }


def post_row(number: int, people: int = 1000) -> dict[str, Any]:
    author = number % people
    return {"id": number, "name": f"post {number}", "stats": {"likes": number * 2}, "author_id": author, "strict": "s"}


def users_service(request: httpx.Request) -> httpx.Response:
    """Answers in the opposite order of the keys, so that nobody gets away with positions."""
    path, params = request.url.path, request.url.params
    if path == "/users":
        return reply(
            [user_row(int(each)) for each in reversed(params.get_list("id")) if each.isdecimal() and int(each) < 900]
        )
    if path.startswith("/users/"):
        number = int(path.rpartition("/")[2])
        return reply(user_row(number)) if number < 900 else reply({}, 404)
    if path == "/scores":
        season = int(params["season"])
        return reply([{"user": int(u), "points": season + int(u)} for u in params.get_list("user")])
    if path == "/notes/batch":
        return reply([{**pair, "text": f"{pair['kind']} of {pair['user']}"} for pair in body_of(request)])
    if path == "/search":
        return reply([user_row(1)])
    return reply({}, 500)


def posts_service(request: httpx.Request) -> httpx.Response:
    path, params = request.url.path, request.url.params
    if path == "/posts" and request.method == "POST":
        given = body_of(request)
        if not given["name"]:
            return reply({"detail": "a name is needed"}, 422)
        return reply({**post_row(1), **given}, 201)
    if path == "/posts":
        return reply({"items": [post_row(number) for number in range(int(params["limit"]))]})
    if path == "/posts/of":
        return reply(
            {"items": [{**post_row(int(u) * 10 + n), "user": int(u)} for u in params.get_list("user") for n in (0, 1)]}
        )
    if path == "/pages":
        start, limit = int(params["offset"]), int(params["limit"])
        return reply({"items": [post_row(number) for number in range(start, min(start + limit, 12))], "total": 12})
    if path == "/search":
        return reply([post_row(7)])
    return reply({}, 500)


SERVICES = {"users": users_service, "posts": posts_service}
