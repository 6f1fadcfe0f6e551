"""Calls on the countries service, which answers with bare arrays in camelCase."""

from bff import upstream

countries = upstream("countries")

by_code = countries.get("/countries/{code}")
by_codes = countries.get("/countries{?code*}", key="code", max_batch=250)
on_continent = countries.get("/countries{?continent}", many=True)
named = countries.get("/countries/search{?q,limit}", many=True, typename="Country")
