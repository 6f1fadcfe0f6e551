"""The gateway under load, beside its peers, in one run: `make bench`. Knows nothing of the gateway's inside."""
