"""Parameters that every call to a service carries in its query: keys, mostly, so nothing above this layer sees them.

It stands next to the wire: what is logged, counted, joined and kept goes by the target without them.
"""

from __future__ import annotations

from urllib.parse import quote, unquote_plus

from bff.upstreams.seam import Headers, Reply, Request, Sender


class Query:
    """Adds `parameters`, pairs of name and value, to each target, in place of what the call itself says of them."""

    def __init__(self, inner: Sender, parameters: Headers) -> None:
        self._inner = inner
        self._names = frozenset(name for name, _ in parameters)
        self._added = tuple(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in parameters)

    async def send(self, request: Request) -> Reply:
        """Raises what the wire raises, without what was added."""
        try:
            reply = await self._inner.send(request.to(self._target(request.target)))
        except ValueError as error:  # a target that cannot be sent: it stands in the message
            unsendable = self._without(str(error))
        else:
            # Services answer with links to themselves, and write into them all that they were asked for.
            reply.headers = tuple([(name, self._without(value)) for name, value in reply.headers])
            return reply
        raise ValueError(unsendable)  # out here, so that what it stands for is not in its context, which is logged

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _target(self, target: str) -> str:
        path, _, query = target.partition("?")
        own = [part for part in query.split("&") if part and not self._names & {_name(part)}]
        return f"{path}?{'&'.join([*own, *self._added])}"

    def _without(self, text: str) -> str:
        for added in self._added:
            text = text.replace(added, "")
        return text

    def __repr__(self) -> str:
        return f"query → {self._inner!r}"


def _name(part: str) -> str:
    return unquote_plus(part.partition("=")[0])
