"""That a document or an operation cannot run. Knows no document."""

from __future__ import annotations

from graphql import GraphQLError

from bff.errors import BffError


class Refusal(Exception):
    """A document or an operation that cannot run: what kind of mistake, and each place of it."""

    def __init__(self, kind: BffError, errors: tuple[GraphQLError, ...]) -> None:
        super().__init__(str(kind))
        self.kind = kind
        self.errors = errors


def refusal(error: BffError) -> Refusal:
    """One that says in one place what it is."""
    return Refusal(error, (GraphQLError(str(error)),))
