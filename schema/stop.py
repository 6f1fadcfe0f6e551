"""Places on the way of a trip."""

import strawberry

import resolvers
from bff import connect, field
from schema.links import Airport


@strawberry.type
class Stop:
    """A place on the way."""

    iata: strawberry.ID = field(description="As the traveller wrote it: there may be no such airport.")
    note: str | None
    airport: Airport | None = connect(resolvers.airports.by_iatas, iatas="iata")
