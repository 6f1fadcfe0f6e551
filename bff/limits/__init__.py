"""What an operation may cost."""

from bff.limits.price import Estimate, Price, estimates, price
from bff.limits.shape import Allowance, check_shape

__all__ = ["Allowance", "Estimate", "Price", "check_shape", "estimates", "price"]
