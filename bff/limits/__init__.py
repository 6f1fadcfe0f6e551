"""What an operation may cost."""

from bff.limits.price import Price, price
from bff.limits.shape import Allowance, check_shape
from bff.limits.worst_case import Estimate, estimates

__all__ = ["Allowance", "Estimate", "Price", "check_shape", "estimates", "price"]
