"""What an operation would do and cost, before it runs; and what it did, beside it. For people and tools to read."""

from bff.explain.explanation import Explanation, Measure, explain
from bff.explain.explanations import Explanations
from bff.explain.shapes import as_json, refusal_as_json

__all__ = ["Explanation", "Explanations", "Measure", "as_json", "explain", "refusal_as_json"]
