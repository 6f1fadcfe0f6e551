"""GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/), as an ASGI application.

head      what a request's head says
intake    head and body -> an envelope; a body over the limit is refused unread
graphql   the endpoint: who asks whom, in which order
uploads   a mutation whose files come beside it: mapped (which belongs where), form_data (the body as it comes), files
          (read when they are wanted), spool (what came before)
leaving   a client that hangs up cancels its query and everything that the query asked for
reply     answers and refusals -> status, headers, body; whatever goes wrong is GraphQL errors in JSON
streams   subscriptions, and parts the answers that come in parts: sse, multipart, pulse
packing   which of them are sent compressed, and how  (compress: the codings)
"""

from bff.endpoint.files import UploadLimits
from bff.endpoint.graphql import GraphQLEndpoint, Page
from bff.endpoint.intake import METHODS
from bff.endpoint.packing import Packing
from bff.endpoint.streams import Lasting

__all__ = ["METHODS", "GraphQLEndpoint", "Lasting", "Packing", "Page", "UploadLimits"]
