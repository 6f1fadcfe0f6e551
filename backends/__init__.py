"""The six REST services of the reference graph "travel": airports, cities, countries, holidays, rates, trips.

Real data from packages made for it, each service with its own habits, since real services differ. They are ordinary
FastAPI apps and refuse to know that a gateway exists: nothing here imports `bff`. `docs/backends.md` lists the routes.
"""
