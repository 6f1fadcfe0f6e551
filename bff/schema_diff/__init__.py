"""What a new schema would do to the clients of an old one."""

from bff.schema_diff.change import SEVERITIES, Change, Severity
from bff.schema_diff.compare import compare

__all__ = ["SEVERITIES", "Change", "Severity", "compare"]
