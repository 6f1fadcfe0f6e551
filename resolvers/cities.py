"""Calls on the cities service.

The service wraps lists in an envelope, pages by limit and offset with a total, and repeats a parameter for a batch.
"""

from bff import Offset, upstream

cities = upstream("cities")

by_id = cities.get("/cities/{id}", missing=(404, 422))  # 422: what a client wrote is no number, so no city has it
by_ids = cities.get("/cities{?id*}", key="id", rows="items")
capitals = cities.get("/cities/capitals{?country*}", key="country", rows="items")
largest = cities.get("/cities/largest{?country*,limit}", key="country", rows="items", many=True)
in_country = cities.get("/cities{?country,limit,offset}", rows="items", paging=Offset(total="total"))
named = cities.get("/cities/search{?q,limit}", rows="items", many=True, typename="City")
