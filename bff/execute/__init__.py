"""Executing a plan: waves of batched calls, and functions made for the plan that shape rows into its answer."""

from bff.execute.codes import Codes
from bff.execute.delivery import Delivered, Promise, Told
from bff.execute.in_parts import Portion, execute_in_parts
from bff.execute.info import Asked
from bff.execute.program import Program
from bff.execute.run import Executed, execute

__all__ = [
    "Asked",
    "Codes",
    "Delivered",
    "Executed",
    "Portion",
    "Program",
    "Promise",
    "Told",
    "execute",
    "execute_in_parts",
]
