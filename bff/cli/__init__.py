"""The command line: `bff serve|dev|check|plan|schema|keys`.

It opens, shows and runs; operations are not its business.
"""

from bff.openapi.quiet import for_good

with for_good():
    from bff.cli.commands import main

__all__ = ["main"]
