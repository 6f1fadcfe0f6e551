"""Services that are made up from the graph's own types, for frontends that cannot wait for the real ones."""

from bff.mock.faults import Fault, parse_fault, written
from bff.mock.shown import Examples, Sketches
from bff.mock.wire import Mock, MockWire, mock_wires

__all__ = ["Examples", "Fault", "Mock", "MockWire", "Sketches", "mock_wires", "parse_fault", "written"]
