"""Query text -> a parsed, validated document with its plans, remembered by text. Knows no HTTP and runs nothing."""

from bff.document.document import Document
from bff.document.documents import MAX_TEXT, Documents
from bff.document.limits import MAX_ERRORS, DocumentLimits
from bff.document.refusal import Refusal

__all__ = ["MAX_ERRORS", "MAX_TEXT", "Document", "DocumentLimits", "Documents", "Refusal"]
