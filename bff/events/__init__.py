"""Sources of subscriptions' events: what opens them, shares them among equals, and ends them. Knows no client.

Declared in `bff.connectors.events`; a transport calls `open_events` and reads until it has enough.
"""

from bff.events.mailbox import Owed
from bff.events.streams import Streams, open_events
from bff.events.topics import Topics

__all__ = ["Owed", "Streams", "Topics", "open_events"]
