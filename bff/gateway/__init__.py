"""The composition root: configuration -> objects. Nothing below it reads settings, nothing above builds parts.

`opening` is the list of what a gateway is put together from; each other module turns one family of settings into parts.
"""

from bff.gateway.callers import Callers
from bff.gateway.gateway import Gateway
from bff.gateway.opening import open_gateway
from bff.gateway.persisted import look_at_documents
from bff.gateway.rules import allowance
from bff.gateway.store import check_store

__all__ = ["Callers", "Gateway", "allowance", "check_store", "look_at_documents", "open_gateway"]
