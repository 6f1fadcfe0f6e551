"""The reference graph, travel: what clients see. One type a file; where it comes from stands in `resolvers/`."""

import strawberry

from schema.mutation import Mutation
from schema.query import Query
from schema.subscription import Subscription

schema = strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription)

__all__ = ["schema"]
