"""Currencies and what they are worth."""

from decimal import Decimal

import strawberry

import resolvers
from bff import connect, field


@strawberry.type
class Currency:
    """Money of a country."""

    code: strawberry.ID = field(description="ISO 4217 code: EUR.")
    name: str

    @connect(resolvers.rates.of_currencies, symbols="code", path="rate")
    def rate(self, base: str) -> Decimal | None:
        """What one unit of `base` is worth in this currency; null where the European Central Bank publishes none."""
