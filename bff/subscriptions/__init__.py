"""Subscriptions (GraphQL 6.2.3): operations that go on. Knows no transport.

slots         how many there may be: in the process, and for one client
opening       the events of a subscription's field: declared ones, or what hand-written code yields
event         one event is one execution: reserved, run, settled
subscription  the life of one: an answer for each event, until it ends
subscriptions where they begin, and who ends them all when the process stops
"""

from bff.subscriptions.slots import Slots
from bff.subscriptions.subscriptions import Subscriptions

__all__ = ["Slots", "Subscriptions"]
