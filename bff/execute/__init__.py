"""Executing a plan: waves of batched calls, and functions made for the plan that shape rows into its answer."""

from bff.execute.info import Asked
from bff.execute.program import Program
from bff.execute.run import Executed, execute

__all__ = ["Asked", "Executed", "Program", "execute"]
