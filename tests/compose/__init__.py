"""`make compose-test`: docker-compose.yml for real. One gateway is killed under load; what failed, and what was spent?

Not part of `make test`: it wants a Docker daemon, and minutes. Needs no image that cannot be had (`images.py`).
"""
