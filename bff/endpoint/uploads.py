"""Mutations whose files come beside them (GraphQL multipart request specification): body -> envelope and files.

The operation is priced and reserved before a file is read, and files are read by whoever wants them.
"""

from __future__ import annotations

from starlette.types import Receive

from bff.document import Refusal
from bff.endpoint.files import Files, UploadLimits
from bff.endpoint.form_data import FormData
from bff.endpoint.head import Head
from bff.endpoint.reply import Reply, unread
from bff.errors import BadRequest, BffError, RequestTooLarge, UnsupportedMediaType
from bff.operation import Answer, Asking, Operations
from bff.origins.csrf import check_preflighted


def files_of(head: Head, receive: Receive, limits: UploadLimits) -> Files:
    """The files of this request, none of which was read. Close them.

    Raises CrossSiteRefused for what a page of another site could send (any page can send such a body),
    UnsupportedMediaType, RequestTooLarge, BadRequest.
    """
    check_preflighted(head.fields)
    if head.fields.get("content-encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType("A body with files must not be compressed.")
    announced = head.fields.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.max_total + 2 * limits.max_field:
        raise RequestTooLarge(f"The files are over the limit of {limits.max_total} bytes together.")
    return Files(FormData(head.fields["content-type"]), receive, limits)


async def run_mutation(operations: Operations, asking: Asking) -> Answer:
    """Run what has files. Raises BadRequest for a query: nothing that may be asked twice takes any."""
    try:
        kind = operations.prepare(asking.envelope, asking.caller).plan.kind
    except (Refusal, BffError):
        return await operations.run(asking)  # which refuses it, and tells why
    if kind != "mutation":
        raise BadRequest("Only mutations take files.")
    return await operations.run(asking)


async def finished(reply: Reply, files: Files) -> Reply:
    """The reply, once the operation has ended."""
    return reply if await files.finished() else unread(reply)
