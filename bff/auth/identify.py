"""Whom the credentials of a request name together. Pure; they were verified before, each by itself."""

from __future__ import annotations

from bff.auth.caller import Caller
from bff.auth.claims import Token
from bff.auth.client import Client, Clients
from bff.auth.issuer import Issuer
from bff.auth.refused import Refused


def by_key(client: Client) -> Caller:
    """A key says which application calls, and for nobody in particular."""
    return client.caller


def by_token(token: Token, clients: Clients, issuer: Issuer) -> Caller:
    """A token says who is served and what that allows. Raises Refused if it names nobody."""
    client = clients.by_name.get(token.client or "")
    if client:
        return _served(client.name, client.tier, token, issuer)
    if token.subject is None:
        raise Refused("the token names neither a client of ours nor a subject")
    return _served(f"{token.issuer} {token.subject}", issuer.tier, token, issuer)


def by_both(client: Client, token: Token, issuer: Issuer) -> Caller:
    """The key's client spends, the token says what is allowed. Raises Refused if the token names another client.

    The key's own scopes do not count: with them whoever knows an application's key would widen what a user was given.
    """
    if token.client not in {None, client.name}:
        raise Refused("the key and the token name different clients")
    return _served(client.name, client.tier, token, issuer)


def _served(client: str, tier: str, token: Token, issuer: Issuer) -> Caller:
    return Caller(client, tier, token.subject, token.scopes, token.claims, token.expires + issuer.leeway)
