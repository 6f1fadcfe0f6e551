"""From operations to connectors and to fields of Query and Mutation. Knows no printing.

GET is Query, what changes something is Mutation; a POST that is a batch of reads is Query too. An operation that no
connector can call is left out, and the report says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bff.openapi.graph.answers import Answer, answer_of
from bff.openapi.graph.batches import Batch, identities, in_body, in_query
from bff.openapi.graph.bodies import body_of
from bff.openapi.graph.call import Call, Inexpressible
from bff.openapi.graph.entry import homes_of, is_here, secrets
from bff.openapi.graph.names import field_name, parameter_name, pascal, plural, python_name, words
from bff.openapi.graph.options import (
    carried,
    home_of,
    key_options,
    key_use,
    out_of_the_way,
    required_first,
    shape,
    variables_of,
)
from bff.openapi.graph.parameters import call_of
from bff.openapi.graph.places import Place
from bff.openapi.graph.results import Result, results_of
from bff.openapi.graph.rows import maximum, paging_code
from bff.openapi.graph.titles import Title, connector_name, described, first_line
from bff.openapi.graph.types import Types
from bff.openapi.graph.wanted import INT, STR, Argument, Declared, Root, RootField, Use, list_of
from bff.openapi.model import Document, Operation
from bff.openapi.report import Report
from bff.openapi.schema import MISSING, Scalar, resolved

SKIPPED = frozenset({"HEAD", "OPTIONS", "TRACE"})
_PAGE = 20  # rows that a client gets who does not say how many


@dataclass(frozen=True, slots=True)
class Seen:
    """An operation with what was found out about it."""

    operation: Operation
    title: Title
    place: Place
    call: Call
    answer: Answer
    body: str  # the argument that is sent as the body; "" where none is


class Operations:
    """The operations of one document, one after the other."""

    def __init__(self, document: Document, types: Types, titles: Mapping[str, Title], report: Report) -> None:
        self.connectors: list[Declared] = []
        self.fields: list[RootField] = []
        self.variables: dict[str, dict[str, str]] = {}  # connector -> parameter -> variable
        self.keyed: dict[tuple[str, str], tuple[str, str]] = {}  # (row type, member) -> (connector, variable)
        self._document = document
        self._schemas = document.schemas
        self._types = types
        self._titles = titles
        self._report = report
        self._identities = identities(document.operations)
        self._homes = homes_of(document)
        self._secrets = tuple(secrets(document))

    def add(self, operation: Operation) -> None:
        """The operation's connector and field; where it is a batch too, the connector that joins use."""
        if operation.method in SKIPPED:
            self._report.info("method", operation.at, f"{operation.key} is not part of a graph")
            return
        try:
            self._add(operation)
        except Inexpressible as why:
            self._report.loss("operation-left-out", operation.at, f"{operation.key}: {why}")

    def _add(self, operation: Operation) -> None:
        if not is_here(operation, self._homes):
            there = operation.servers[0].url
            raise Inexpressible(f"it is at {there}: import it as a service of its own, with --only and --name")
        title = self._titles[operation.key]
        place = Place(operation.key, pascal(words(title.field)), home_of(operation))
        call = call_of(operation, self._types, place, self._secrets, self._report)
        self.variables[title.connector] = call.all_variables
        body = body_of(operation, call, self._types, place, self._report)
        answer = answer_of(operation, self._types, place, self._report, call.sent)
        batch = self._batch(operation, answer)
        seen = Seen(operation, title, place, call, answer, str(body.get("body", "")))
        if batch and batch.one and self._alone(operation, batch):
            self._add_batch(seen, batch)
            return
        if batch and operation.method == "GET":
            self._add_join(seen, batch)
        self._add_plain(seen, body)

    # Fields --------------------------------------------------------------------------------------------------------

    def _add_plain(self, seen: Seen, body: dict[str, object]) -> None:
        operation, title, place, call, answer = seen.operation, seen.title, seen.place, seen.call, seen.answer
        root: Root = "query" if operation.method == "GET" else "mutation"
        options, use = {**shape(answer), **carried(call), **body}, answer.use
        if root == "mutation":
            result = results_of(operation, answer, title, place, types=self._types, report=self._report)
            options, use = {**_unlisted(options, result), **result.options}, result.use
        if answer.paging:
            use, options = self._paged(answer, call, options, use)
        slicing = "" if root == "mutation" and use != answer.use else self._slicing(operation, call, answer)
        self._declare(operation, title.connector, call.text, options)
        self.fields.append(
            RootField(
                root=root,
                name=title.field,
                python=python_name(title.field),
                use=use.or_null(),
                connector=title.connector,
                operation=operation.key,
                arguments=tuple(required_first(call.arguments)),
                bindings=tuple(call.bindings.items()),
                description=described(operation),
                deprecated=operation.deprecated,
                size=None if slicing or use.lists == 0 else answer.size,
                slicing=slicing,
                entries=answer.entries and use == answer.use,
            )
        )

    def _slicing(self, operation: Operation, call: Call, answer: Answer) -> str:
        """The argument that says how long a plain list is; it may not be null, or nobody knew."""
        if answer.paging or answer.size is None or not answer.many:
            return ""
        for index, each in enumerate(call.arguments):
            if (
                each.name in {"limit", "first", "count", "top", "perPage", "pageSize", "maxResults"}
                and each.use.name == "int"
            ):
                default = each.default if isinstance(each.default, int) else _PAGE
                call.arguments[index] = replace(each, use=INT, default=default)
                self._report.info("list-size", operation.at, f"'{each.name}' says how long the list is")
                return each.python
        return ""

    def _paged(self, answer: Answer, call: Call, options: dict[str, object], use: Use) -> tuple[Use, dict[str, object]]:
        """A Relay connection: the paging parameters give way to `first` and `after`."""
        paging = answer.paging
        assert paging is not None  # noqa: S101 - asked by the caller
        self._report.info("paging", paging.at.at, f"pages by {paging.kind}: a Relay connection")
        size = call.sent[paging.size.name] if paging.size else None
        at = call.sent[paging.at.name]
        code = paging_code(paging, size, at, maximum(paging.size, self._schemas))
        gone = {name for name in (size, at) if name}
        call.arguments = [each for each in call.arguments if not variables_of(call, each) <= gone]
        call.bindings = {key: value for key, value in call.bindings.items() if key not in gone}
        call.arguments = [out_of_the_way(call, each) for each in call.arguments]
        call.arguments += [
            Argument("first", "first", INT, default=self._page_size(paging.size)),
            Argument("after", "after", STR.or_null(), default=None),
        ]
        return use, {**{name: each for name, each in options.items() if name != "many"}, "paging": code}

    def _page_size(self, parameter: object) -> int:
        schema = resolved(parameter.schema, self._schemas) if parameter else None  # type: ignore[attr-defined]
        default = schema.default if isinstance(schema, Scalar) else MISSING
        return min(default, _PAGE) if isinstance(default, int) and default > 0 else _PAGE

    # Batches -------------------------------------------------------------------------------------------------------

    def _batch(self, operation: Operation, answer: Answer) -> Batch | None:
        if answer.item is None or not answer.row.composite:
            return None
        found = in_query(operation, answer.item, self._identities, self._schemas)
        found = found or in_body(operation, answer.item, self._identities, self._schemas)
        if found:
            kind = "one row for each" if found.one else "rows of each"
            self._report.guess("batch", operation.at, f"{operation.key} is a batch, {kind}: {found.why}")
        return found

    def _alone(self, operation: Operation, batch: Batch) -> bool:
        """Whether the list of keys is all that the operation asks for, so that it is a batch and nothing else."""
        if operation.method == "POST":
            return True
        return any(each.name == batch.name and each.required for each in operation.parameters if each.where == "query")

    def _add_batch(self, seen: Seen, batch: Batch) -> None:
        """The operation's field asks by keys, and gets each one's row in its place."""
        operation, title, call, answer = seen.operation, seen.title, seen.call, seen.answer
        in_url = operation.method == "GET"
        variable = (
            call.variables[batch.name] if in_url else parameter_name(field_name(batch.name or plural(batch.member)))
        )
        options = {**shape(answer, many=False), **carried(call), **key_options(variable, batch)}
        if not in_url:
            options["body"] = {batch.name: variable} if batch.name else variable
            call.arguments = [each for each in call.arguments if each.python != seen.body]
            item = self._types.use(answer.item, Place(operation.key, "", ""), "output") if answer.item else STR
            call.arguments.append(Argument(field_name(variable), variable, list_of(key_use(item, self._types, batch))))
        self._declare(operation, title.connector, call.text, options, answer.row.name)
        self.keyed[answer.row.name, batch.member] = (title.connector, variable)
        self.fields.append(
            RootField(
                root="query",
                name=title.field,
                python=python_name(title.field),
                use=list_of(answer.row.or_null(), nullable=True),
                connector=title.connector,
                operation=operation.key,
                arguments=tuple(required_first(call.arguments)),
                bindings=tuple(call.bindings.items()),
                description=described(operation),
                deprecated=operation.deprecated,
            )
        )

    def _add_join(self, seen: Seen, batch: Batch) -> None:
        """A connector for joins beside the operation's own: nothing but the keys, and as many rows as there can be."""
        operation, title, call, answer = seen.operation, seen.title, seen.call, seen.answer
        paging = answer.paging
        if paging and not batch.one:
            self._report.info("batch", operation.at, "not offered to joins: its pages would cut the rows of some keys")
            return
        if any(each.required and each.name != batch.name for each in operation.parameters if each.where == "query"):
            return
        variable = call.variables[batch.name]
        most = min(batch.most, (maximum(paging.size, self._schemas) or batch.most) if paging else batch.most)
        limit = f"?{paging.size.name}={most}" if paging and paging.size else ""
        form = next(each for each in call.query if each.rstrip("*") == variable)
        text = f"{call.template}{limit}{{{'&' if limit else '?'}{form}}}"
        name = connector_name(f"{title.field} by {batch.member}")
        options = {**shape(answer, many=not batch.one), **key_options(variable, replace(batch, most=most))}
        options |= {"names": {variable: batch.name}} if variable in call.names else {}
        options |= {"joins": {variable: call.joins[variable]}} if variable in call.joins else {}
        options |= {"reserved": (variable,)} if variable in call.reserved else {}
        self.connectors.append(
            Declared(
                name,
                "get",
                text,
                tuple(options.items()),
                f"One call for many: {title.connector} by its {batch.member}.",
                answer.row.name,
            )
        )
        if batch.one:
            self.keyed[answer.row.name, batch.member] = (name, variable)

    # Connectors ----------------------------------------------------------------------------------------------------

    def _declare(
        self, operation: Operation, name: str, text: str, options: Mapping[str, object], row: str = ""
    ) -> None:
        comment = first_line(operation)
        self.connectors.append(Declared(name, operation.method.lower(), text, tuple(options.items()), comment, row))


def _unlisted(options: Mapping[str, object], result: Result) -> dict[str, object]:
    """Of a list in a type of its own: it is one value."""
    return {name: value for name, value in options.items() if name != "many" or not result.boxed}
