"""Calls on the rates service, which answers 200 with an error inside, and writes decimals as strings."""

from bff import poll, upstream

rates = upstream("rates")

# Keys are batched for each base: USD in EUR and USD in GBP are one call, EUR in GBP is another.
of_currencies = rates.get(
    "/rates{?base,symbols}", key={"symbols": "currency"}, rows="rates", error="error", max_batch=50
)

# The bank publishes once a day. Whoever watches the same rates shares one call.
changes = poll(of_currencies, every=60)
