"""What sections say of each other: names that exist nowhere, things that come twice, prices that nobody could pay."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches

from bff.config import auth, clients, routes
from bff.config import webhooks as hooks
from bff.config.auth import Auth
from bff.config.clients import Client
from bff.config.mistakes import Mistake, Place
from bff.config.routes import Route
from bff.config.tiers import Tier
from bff.config.webhooks import Webhook

Name = tuple[Place, str]  # a name and where it is used


def callers(found: Auth | None, tiers: Mapping[str, Tier], known: Mapping[str, Client]) -> Iterator[Mistake]:
    """What is wrong with who may call and what each may spend."""
    yield from _unguarded(found, tiers, known)
    yield from _missing("tier", _tiers(found, known), tiers)
    yield from _below(("clients",), clients.clashes(known))
    if found is not None:
        yield from _below(("auth", "jwt"), auth.clashes(found.jwt))


def passed(
    found: tuple[Route, ...], tiers: Mapping[str, Tier], upstreams: Collection[str], graphql: str
) -> Iterator[Mistake]:
    """What is wrong with the routes, beside an endpoint at the path `graphql`."""
    named: list[Name] = [(("routes", at, "upstream"), route.upstream) for at, route in enumerate(found)]
    yield from _missing("upstream", named, upstreams)
    yield from _below(("routes",), routes.clashes(found))
    yield from _below(("routes",), routes.shadowed(found, graphql))
    yield from _below(("routes",), _unpayable(found, tiers))


def webhooks(found: tuple[Webhook, ...], passing: tuple[Route, ...], graphql: str) -> Iterator[Mistake]:
    """What is wrong with the webhooks, beside an endpoint at the path `graphql` and these routes."""
    yield from _below(("webhooks",), hooks.clashes(found))
    yield from _below(("webhooks",), hooks.shadowed(found, passing, graphql))


def one_graph(documents: Mapping[str, str]) -> Iterator[Mistake]:
    """A graph is code or made of documents: two halves in two places would be nobody's."""
    for name, place in documents.items():
        hint = f"bff import {place} --name {name} makes it part of that code; or remove graph"
        yield Mistake("makes a graph beside that of `graph`", hint, ("upstreams", name, "openapi"))


def _unguarded(found: Auth | None, tiers: Mapping[str, Tier], known: Mapping[str, Client]) -> Iterator[Mistake]:
    """Sections that look as if they guarded something, and would not; or would against everybody."""
    if found is None:
        for name, section in (("tiers", tiers), ("clients", known)):
            if section:
                yield Mistake("needs auth, or anyone may call", 'write "auth: {}" to let in nobody else', (name,))
    elif found.anonymous is None and not found.jwt and not any(client.keys for client in known.values()):
        yield Mistake("lets nobody in", "set anonymous or jwt, or add clients with keys", ("auth",))


def _tiers(found: Auth | None, known: Mapping[str, Client]) -> Iterator[Name]:
    if found is not None:
        if found.anonymous is not None:
            yield ("auth", "anonymous"), found.anonymous
        for at, issuer in enumerate(found.jwt):
            yield ("auth", "jwt", at, "tier"), issuer.tier
    for name, client in known.items():
        yield ("clients", name, "tier"), client.tier


def _missing(what: str, named: Collection[Name] | Iterator[Name], there: Collection[str]) -> Iterator[Mistake]:
    for place, name in named:
        if name not in there:
            near = get_close_matches(name, there, n=1)
            hint = (
                f'did you mean "{near[0]}"?' if near else f"there are {', '.join(there)}" if there else "there is none"
            )
            yield Mistake(f"is not the name of a{'n' if what[0] in 'aeiou' else ''} {what}", hint, place)


def _unpayable(found: tuple[Route, ...], tiers: Mapping[str, Tier]) -> Iterator[Mistake]:
    most = max((tier.capacity for tier in tiers.values()), default=None)
    for at, route in enumerate(found):
        if most is not None and route.price > most:
            yield Mistake(f"could never be paid: no tier has a burst over {most}", "", (at, "price"))


def _below(place: Place, mistakes: Iterator[Mistake]) -> Iterator[Mistake]:
    for mistake in mistakes:
        yield replace(mistake, below=(*place, *mistake.below))
