"""What is wrong with a graph is said at start: every mistake at once, each at its field, with what would be right."""

from typing import Annotated, Any

import pytest
import strawberry
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission

from bff import Connection, Offset, argument, connect, constant, field, upstream
from bff.plan.check import check_graph
from bff.plan.graph import read_graph
from tests.world import make_schema

cities = upstream("cities")
by_id = cities.get("/cities/{id}")
by_ids = cities.get("/cities{?id*}", key="id")
many = cities.get("/cities{?country}", many=True)
paged = cities.get("/cities{?limit,offset}", rows="items", paging=Offset())
create = cities.post("/cities", body="input")


@strawberry.type
class City:
    id: strawberry.ID
    name: str


class Nobody(BasePermission):
    message = "No."

    def has_permission(self, source: object, info: strawberry.Info, **kwargs: object) -> bool:
        return False


def guarded(declared: Any) -> Any:
    """What Strawberry makes of `permission_classes` on a field that a call brings."""
    declared.permission_classes = [Nobody]
    return declared


class Mistakes:
    """One mistake a field."""

    permitted: str | None = strawberry.field(permission_classes=[Nobody])
    permitted_call: City | None = guarded(connect(by_id, id=constant(1)))
    extended: str | None = strawberry.field(extensions=[FieldExtension()])
    replaced: City | None = connect(cities.put("/c{?id*}", key="id"), id=constant(1))
    patched: City | None = connect(cities.patch("/c{?id*}", key="id"), id=constant(1))
    deleted: City | None = connect(cities.delete("/c{?id*}", key="id"), id=constant(1))

    unbound: City | None = connect(by_id)
    parentless: City | None = connect(by_id, id="parent_id")
    endless: list[City] = connect(many, country=constant("PT"))
    nested: list[list[City]] = connect(many, country=constant("PT"), assumed_size=5)
    sizeless: Connection[City] = connect(paged)
    nowhere: City | None = connect(upstream("elsewhere").get("/x"))
    writes: City | None = connect(create, input=constant({}))

    @connect(by_id, id=argument("nope"))
    def no_argument(self, code: str) -> City | None: ...

    @connect(by_id, extra=constant(1))
    def no_variable(self, id: str) -> City | None: ...

    @connect(many)
    def one_of_many(self, country: str) -> City | None: ...

    @connect(paged, assumed_size=5)
    def page_as_list(self) -> list[City]: ...

    @connect(many, slicing_arguments=["limit"])
    def no_slicing(self, country: str) -> list[City]: ...

    several: City | None = connect(by_id, by_ids, id=constant(1))
    one_row: list[City] = connect(by_id, id=constant(1), assumed_size=5)
    one_key: list[City] = connect(by_ids, id=constant(1), assumed_size=5)
    failing: City | None = connect(cities.post("/b", body={"ids": "id"}, key="id", errors={422: "Bad"}), id=constant(1))

    strange: City | None = connect(cities.get("/c", typename="Town"))
    mistyped: City | None = connect(cities.get("/c", errors={"4XX": "Problem"}))
    entries: list[City] = connect(many, country=constant("PT"), entries=True, assumed_size=5)

    @connect(by_id, id=argument("id", entries=True))
    def one_entry(self, id: str) -> City | None: ...

    @connect(by_ids, id=argument("ids"))
    def one_of_keys(self, ids: list[strawberry.ID]) -> City | None: ...

    @connect(cities.get("/c{?code*}", key="code"))
    def keyless(self, code: str) -> City | None: ...


FOUND = check_graph(read_graph(strawberry.Schema(query=strawberry.type(Mistakes, name="Query"))), {"cities"})


@pytest.mark.parametrize(
    ("field", "says", "hint"),
    [
        ("unbound", "nobody binds 'id'", "add an argument 'id'"),
        ("parentless", "'parent_id' has no parent", "binds its arguments"),
        ("endless", "nobody knows how long", "assumed_size"),
        ("nested", "a list of lists", "a type of their own"),
        ("sizeless", "a page needs a size", "first: int = 20"),
        ("nowhere", "upstream 'elsewhere' is not in the configuration", "it has cities"),
        ("writes", "only mutations may make that call", ""),
        ("permitted", "permission_classes guard methods only", "use requires(…)"),
        ("permittedCall", "permission_classes guard methods only", "use requires(…)"),
        ("extended", "field extensions run around methods only", "make it a method"),
        ("replaced", "PUT changes something, so only mutations may make that call", ""),
        ("patched", "PATCH changes something, so only mutations may make that call", ""),
        ("deleted", "DELETE changes something, so only mutations may make that call", ""),
        ("noArgument", "there is no argument 'nope'", "it has code"),
        ("noVariable", "'extra' is bound, but GET /cities/{id} has no such variable", "it has id"),
        ("oneOfMany", "brings a list, but the field is one City", ""),
        ("pageAsList", "its field is one Connection[…]", ""),
        ("noSlicing", "slicing argument 'limit' is no argument", "it has country"),
        ("several", "several connectors make a list, but the field is one City", ""),
        ("oneRow", "GET /cities/{id} brings one row, but the field is a list", "say many=True"),
        ("oneKey", "GET /cities{?id*} brings one row, but the field is a list", "say many=True"),
        ("failing", "POST /b has a key and errors=", ""),
        ("strange", "GET /c brings the type 'Town', which the field cannot have", "City is City"),
        ("mistyped", "GET /c brings the type 'Problem', which the field cannot have", "City is City"),
        ("entries", "brings a list, and entries are the members of one object", ""),
        ("oneEntry", "entries= speaks of an argument that is a list, and 'id' is none", "key and value"),
        ("oneOfKeys", "the list 'ids' brings a row for each item, but the field is one City", ""),
        ("keyless", "matched by 'code', which City lacks", "it reads id, name"),
    ],
)
def test_a_mistake_is_refused_with_its_place_and_what_would_be_right(field: str, says: str, hint: str) -> None:
    matching = [each for each in FOUND.errors if each.place == f"Query.{field}" and says in each.message]
    assert matching, [each for each in FOUND.errors if each.place == f"Query.{field}"]
    assert hint in matching[0].hint


def test_a_method_may_have_permissions_and_extensions_and_a_post_with_a_key_is_a_read() -> None:
    @strawberry.type
    class Query:
        city: City | None = connect(cities.post("/batch", body={"ids": "id"}, key="id"), id=constant(1))

        @strawberry.field(permission_classes=[Nobody], extensions=[FieldExtension()])
        def secret(self) -> str | None:
            return None

    assert not check_graph(read_graph(strawberry.Schema(query=Query)), {"cities"}).errors


def test_what_may_be_a_list_is_let_through() -> None:
    @strawberry.type
    class Town:
        id: strawberry.ID
        twins: list[City] = connect(by_ids, id="twin_ids", assumed_size=5)

    @strawberry.type
    class Query:
        names: list[str] = connect(by_id, id=constant(1), path="names")
        some: list[City] = connect(by_ids, id=constant([1, 2]), assumed_size=2)
        town: Town = connect(by_id, id=constant(1))

        @connect(by_ids, id=argument("ids"))
        def cities(self, ids: list[strawberry.ID] | None = None) -> list[City]: ...

        @connect(by_id, id=argument("ids"), assumed_size=5)
        def each(self, ids: list[strawberry.ID]) -> list[City]: ...

    assert not check_graph(read_graph(strawberry.Schema(query=Query)), {"cities"}).errors


def test_the_type_of_an_error_need_not_have_the_key_of_the_rows() -> None:
    @strawberry.type
    class Missing:
        reason: str

    @strawberry.type
    class Query:
        city: Annotated[City | Missing, strawberry.union("Found")] | None = connect(
            cities.get("/c{?id*}", key="id", typename="City"), id=constant(1)
        )

    assert not check_graph(read_graph(strawberry.Schema(query=Query)), {"cities"}).errors


def test_all_mistakes_come_at_once() -> None:
    @strawberry.type
    class Query:
        one: City = connect(by_id)
        two: list[City] = connect(many, country=constant("PT"))
        three: City = connect(upstream("nowhere").get("/x"))

    found = check_graph(read_graph(strawberry.Schema(query=Query)), {"cities"})
    assert {problem.place for problem in found.errors} == {"Query.one", "Query.two", "Query.three"}


def test_a_list_inside_a_row_needs_a_bound_too_and_a_list_of_scalars_does_not() -> None:
    @strawberry.type
    class Street:
        name: str

    @strawberry.type
    class Town:
        id: strawberry.ID
        streets: list[Street]
        names: list[str]
        bounded: list[Street] = field(path="streets", assumed_size=10)

    @strawberry.type
    class Query:
        town: Town | None = connect(by_ids, id=constant(1))

    found = check_graph(read_graph(strawberry.Schema(query=Query)), {"cities"})
    assert [problem.place for problem in found.errors] == ["Town.streets"]


def test_a_member_that_clients_must_not_see_can_be_the_key() -> None:
    @strawberry.type
    class Town:
        name: str
        code: strawberry.Private[str]

    @strawberry.type
    class Query:
        @connect(cities.get("/c{?code*}", key="code"))
        def town(self, code: str) -> Town | None: ...

    assert not check_graph(read_graph(strawberry.Schema(query=Query)), {"cities"}).errors


def test_a_call_for_each_parent_is_a_warning_with_how_many() -> None:
    @strawberry.type
    class Town:
        id: strawberry.ID
        twin: City | None = connect(by_id, id="twin_id")

    @strawberry.type
    class Query:
        towns: list[Town] = connect(many, country=constant("PT"), assumed_size=40)
        others: list[Town] = connect(many, country=constant("ES"), assumed_size=7)

    found = check_graph(read_graph(strawberry.Schema(query=Query)), {"cities"})
    assert not found.errors
    (warning,) = found.warnings
    assert warning.place == "Town.twin"
    assert warning.hint == "up to 40 calls under Query.towns and 1 more lists"


def test_the_graph_of_these_tests_has_no_mistake() -> None:
    found = check_graph(read_graph(make_schema()), {"users", "posts"})
    assert found.errors == []
