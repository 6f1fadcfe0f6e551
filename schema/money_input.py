"""An amount of money, as clients write it."""

from decimal import Decimal

import strawberry


@strawberry.input
class MoneyInput:
    """An amount in a currency."""

    amount: Decimal = strawberry.field(description="Not negative, at most 4 decimal places.")
    currency: strawberry.ID = strawberry.field(description="ISO 4217 code.")
