"""The command line: `bff serve|dev|check|plan|schema|keys`. Decides nothing about operations; it opens, shows and runs."""

from bff.cli.commands import main

__all__ = ["main"]
