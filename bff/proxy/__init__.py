"""Pass-through: requests that nobody aggregates go to a service as they came, and its answers back."""

from bff.proxy.forward import Proxy
from bff.proxy.framing import Bounds, Guard
from bff.proxy.hops import Network
from bff.proxy.policy import Admission, Asked, OpenPolicy, Policy, Refused
from bff.proxy.routes import Route, WebSocket, mistakes

__all__ = [
    "Admission",
    "Asked",
    "Bounds",
    "Guard",
    "Network",
    "OpenPolicy",
    "Policy",
    "Proxy",
    "Refused",
    "Route",
    "WebSocket",
    "mistakes",
]
