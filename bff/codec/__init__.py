"""JSON in and out, and records whose constructors are C. The one package that imports msgspec."""

from bff.codec.kinds import MOST_KEPT, Kept, Rows, findable, made, opened, rows
from bff.codec.row import Made, Member, Record, Row, changed, field
from bff.codec.text import Raw, decode, decode_answer, encode, fingerprint

__all__ = [
    "MOST_KEPT",
    "Kept",
    "Made",
    "Member",
    "Raw",
    "Record",
    "Row",
    "Rows",
    "changed",
    "decode",
    "decode_answer",
    "encode",
    "field",
    "findable",
    "fingerprint",
    "made",
    "opened",
    "rows",
]
