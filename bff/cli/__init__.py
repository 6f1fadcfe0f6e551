"""The command line: `bff serve|dev|check|plan|schema|…`.

It opens, shows and runs; operations are not its business.
"""

from bff.cli.commands import main

__all__ = ["main"]
