"""`python -m bff.cli`: the command `bff`, of exactly this interpreter."""

from bff.cli.commands import main

main()
