"""Who issues tokens: the settings of each issuer -> what is believed of it, and where its keys come from."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from bff import config as settings
from bff.auth import Issuer, Trusted, open_source
from bff.gateway.upstreams import open_upstream
from bff.telemetry import Observer
from bff.upstreams import Upstream


def open_issuers(config: settings.Config, observer: Observer) -> tuple[tuple[Trusted, ...], tuple[Upstream, ...]]:
    """Each issuer with the source of its keys, and the upstreams that the sources ask."""
    trusted, upstreams = [], []
    for entry in config.auth.jwt if config.auth else ():
        url = urlsplit(entry.jwks) if entry.jwks else None
        issuer = _issuer(entry, url)
        upstream = _upstream(url, observer) if url else None
        if upstream:
            upstreams.append(upstream)
        trusted.append(Trusted(issuer, open_source(issuer, upstream)))
    return tuple(trusted), tuple(upstreams)


def _issuer(entry: settings.Issuer, jwks: SplitResult | None) -> Issuer:
    return Issuer(
        issuer=entry.issuer,
        audience=entry.audience,
        algorithms=tuple(entry.algorithms),
        tier=entry.tier,
        jwks=_target(jwks) if jwks else "",
        secret=entry.secret.get_secret_value().encode() if entry.secret else b"",
        scopes_claim=entry.scopes_claim,
        client_claim=entry.client_claim,
        leeway=round(entry.leeway),
        max_lifetime=round(entry.max_lifetime),
    )


def _target(url: SplitResult) -> str:
    path = url.path or "/"
    return f"{path}?{url.query}" if url.query else path


def _upstream(url: SplitResult, observer: Observer) -> Upstream:
    origin = settings.Upstream(url=f"{url.scheme}://{url.netloc}")
    return open_upstream(f"issuer {url.hostname}", origin, observer)
