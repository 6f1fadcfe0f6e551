"""Facts as frozen records; logs, metrics and traces are thin files at the edge that receive them."""

from bff.telemetry.documents import DocumentFact, DocumentObserver
from bff.telemetry.facts import EXPLAINED, Exchange, Freshness, Observer, OperationFact, Passage, Silent
from bff.telemetry.several import Several

__all__ = [
    "EXPLAINED",
    "DocumentFact",
    "DocumentObserver",
    "Exchange",
    "Freshness",
    "Observer",
    "OperationFact",
    "Passage",
    "Several",
    "Silent",
]
