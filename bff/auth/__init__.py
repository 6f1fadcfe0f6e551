"""Who calls: credentials in, a Caller out."""

from bff.auth.authenticate import Authenticator, Trusted
from bff.auth.caller import ANONYMOUS, Caller
from bff.auth.client import Client
from bff.auth.issuer import Issuer
from bff.auth.jwks import Fixed, Jwks, Source, open_source
from bff.auth.keys import new_key
from bff.auth.refresh import Freshness
from bff.auth.scopes import missing

__all__ = [
    "ANONYMOUS",
    "Authenticator",
    "Caller",
    "Client",
    "Fixed",
    "Freshness",
    "Issuer",
    "Jwks",
    "Source",
    "Trusted",
    "missing",
    "new_key",
    "open_source",
]
