"""Calls on the holidays service, which has no batch form: one call for each country and year."""

from bff import upstream

holidays = upstream("holidays")

in_year = holidays.get("/holidays/{country}/{year}", rows="holidays", many=True)
