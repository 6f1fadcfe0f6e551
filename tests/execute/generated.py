"""What is made up for thousands of examples: who asks what, of which graph, and how services misbehave."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from tests.execute import family
from tests.execute.behaviour import Behaviour
from tests.execute.documents import Author
from tests.execute.oracle import Question

some = st.sampled_from
chances = st.randoms(use_true_random=False)
kinds = some(("query", "query", "query", "mutation"))
numbers = some(family.NUMBERS)
scopes = some(((), ("read",), family.SCOPES))
exactly = settings(deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def behaviours(rounds: int, wrong: tuple[int, ...], broken: tuple[int, ...]) -> st.SearchStrategy[list[Behaviour]]:
    """Those that one document is run over; of values that are wrong and calls that are broken, the percentages."""
    one = st.builds(
        Behaviour,
        seed=st.integers(0, 2**20),
        wrong=some(wrong),
        absent=some((0, 0, 5)),
        missing=some((0, 20)),
        broken=some(broken),
    )
    return st.lists(one, min_size=rounds, max_size=rounds)


def question(author: Author, kind: str, scopes: Iterable[str]) -> Question:
    text = author.document(kind)  # which decides the variables
    return Question(text, author.variables, frozenset(scopes))
