"""Amounts of money."""

from decimal import Decimal

import strawberry

from bff import field


@strawberry.type
class Money:
    """An amount in a currency."""

    amount: Decimal = field(description="Exact; a string in JSON.")
    currency: strawberry.ID = field(description="ISO 4217 code.")
