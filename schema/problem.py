"""What the results of mutations have in common when they were refused."""

import strawberry

from bff import field


@strawberry.interface
class Problem:
    """Why a mutation was refused. Ask for it beside the problems you know, since others may come."""

    message: str = field(path="detail", description="For people, in English.")
