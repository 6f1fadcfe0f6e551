"""What the tests of answers in parts share."""

from tests.execute.conftest import runner
from tests.http.conftest import one_server, served

__all__ = ["one_server", "runner", "served"]
