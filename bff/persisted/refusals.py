"""Why a document that was named, or not named, does not run. Apollo Client and urql know the first two by their words.

Part of the closed tree of bff.errors.
"""

from __future__ import annotations

from bff.errors import ClientError


class PersistedQueryNotFound(ClientError):
    """Nobody here knows this name: the client is to send the text too. Apollo reads the code, urql the message."""

    code = "PERSISTED_QUERY_NOT_FOUND"
    status = 400

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound")


class PersistedQueryNotSupported(ClientError):
    """No document has a name here: the client is not to ask by name again."""

    code = "PERSISTED_QUERY_NOT_SUPPORTED"
    status = 400

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotSupported")


class DocumentNotTrusted(ClientError):
    """The caller's tier may run only documents of the manifests, and this is none."""

    code = "DOCUMENT_NOT_TRUSTED"
    status = 400

    def __init__(self) -> None:
        super().__init__("Only documents that were declared in advance may run here, and this is none of them.")
