"""Where the reference graph's data comes from: one service a file.

Each file declares the calls that the graph makes on its service, and holds the few computations that need code.
"""

from resolvers import airports, cities, countries, holidays, rates, trips

__all__ = ["airports", "cities", "countries", "holidays", "rates", "trips"]
