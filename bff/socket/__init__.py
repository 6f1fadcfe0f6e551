"""GraphQL over a WebSocket: the subprotocol graphql-transport-ws, as an ASGI application.

known       who is connected
messages    what is said, both ways
closing     why a connection ends
connection  one client's connection: who it is, and the operations that it has under way
endpoint    the handshake
protocol    uvicorn's WebSocket protocol, which cuts off who does not listen

Source: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md
"""

from bff.socket.endpoint import SocketEndpoint, refuse
from bff.socket.serving import Serving

__all__ = ["Serving", "SocketEndpoint", "refuse"]
