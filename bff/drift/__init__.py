"""Whether services are still what the graph says of them: asked for, and held against it."""

from bff.drift.caller import Caller
from bff.drift.probe import Probe
from bff.drift.report import Report, as_json
from bff.drift.samples import Samples, parse_header, parse_sample

__all__ = ["Caller", "Probe", "Report", "Samples", "as_json", "parse_header", "parse_sample"]
