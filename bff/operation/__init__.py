"""The life of a GraphQL operation, in order. Knows no HTTP: an envelope and its caller in, an answer out.

envelope    bytes -> query text, variables, extensions          (bff.envelope)
caller      credentials -> client, tier, scopes                 (bff.auth)
document    query text -> parsed and validated, cached by text  (bff.document)
plan        document + operation + @skip/@include + scopes -> every call it can make; cached
price       Plan + variables -> points, worst-case calls, depth; refused here costs the services nothing
reserve     the price is held on the client's account, or the operation is refused  (bff.limits)
flight      equal queries at the same moment share one execution  (bff.operation.flight)
waves       steps load for all their parents at once, generated functions shape rows  (bff.execute)
settle      the actual price is charged and the rest given back
answer      data and errors, everything internal masked
"""

from bff.operation.asking import (
    EVERYBODY,
    NOTHING,
    OPEN,
    Answer,
    Asking,
    Events,
    Landed,
    Prepared,
    Rules,
    unheard,
)
from bff.operation.flight import Flight, Passenger
from bff.operation.operations import MARGIN, Operations, check
from bff.operation.sharing import company

__all__ = [
    "EVERYBODY",
    "MARGIN",
    "NOTHING",
    "OPEN",
    "Answer",
    "Asking",
    "Events",
    "Flight",
    "Landed",
    "Operations",
    "Passenger",
    "Prepared",
    "Rules",
    "check",
    "company",
    "unheard",
]
