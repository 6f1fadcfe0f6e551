"""How services page, and Relay pages over it: one module for each way. Pure: values in, values out.

A way to page has the variables that it binds, `ask(first, after)`, their values for the page that a client wants,
and `cut(came, first, after)`, which cuts that page out of what came. Both raise ValueError for a cursor that is none of
this list; `cut` raises MalformedPage for an answer that does not page as declared. No URL that a service sends is ever
called: at most a parameter is taken out of it.
"""

from bff.connectors.paging.after import After
from bff.connectors.paging.cursor import Cursor
from bff.connectors.paging.offset import Offset
from bff.connectors.paging.page import Page
from bff.connectors.paging.relay import MalformedPage, Paged

Paging = Offset | Page | Cursor | After

__all__ = ["After", "Cursor", "MalformedPage", "Offset", "Page", "Paged", "Paging"]
