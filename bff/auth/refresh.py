"""When an issuer's keys are fetched again, and who waits for it. Pure: ages in, a decision out. Times are seconds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from math import inf

from bff.auth.key_set import KeySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """How long keys are believed. The figures are panva/jose's where it has one."""

    max_age: float = 600.0  # a key that its issuer has removed is out of use after this, if the issuer answers
    ahead: float = 480.0  # older keys are fetched anew, and nobody waits
    cooldown: float = 30.0  # between fetches for kids that nobody knows, and between attempts that failed
    retry: float = 5.0  # between attempts while there are no keys at all
    stale: float = 3600.0  # keys of an issuer that does not answer: then no token of it is accepted any more
    timeout: float = 5.0  # of one attempt


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of an issuer's keys, on a monotonic clock."""

    keys: KeySet | None = None
    fetched: float = -inf  # the last attempt that brought keys
    tried: float = -inf  # the end of the last attempt
    in_vain: float = -inf  # the end of the last attempt that did not bring the kid it was made for

    def alive(self, rules: Freshness, now: float) -> KeySet | None:
        return self.keys if now - self.fetched < rules.stale else None

    def lacks(self, kid: str | None, rules: Freshness, now: float) -> bool:
        """Whether `kid` names a key that is not here. A token that names none cannot name an unknown one."""
        keys = self.alive(rules, now)
        return kid is not None and (keys is None or keys.find(kid) is None)

    def renewed(self, keys: KeySet, now: float) -> Held:
        """After an attempt that brought keys. Equal ones stay the very same, so that what hangs on them stays too."""
        same = self.keys is not None and self.keys.source == keys.source
        return replace(self, keys=self.keys if same else keys, fetched=now, tried=now)

    def failed(self, now: float) -> Held:
        return replace(self, tried=now)


class Need(Enum):
    NOTHING = "nothing"
    LATER = "later"  # fetch; go on with what is there
    NOW = "now"  # fetch, and wait for it


def need(held: Held, kid: str | None, rules: Freshness, now: float, *, fetching: bool) -> Need:
    """What a token with `kid` needs. `fetching`: an attempt is under way, which can be waited for at no cost."""
    rested = now - held.tried >= rules.cooldown
    if held.alive(rules, now) is None:
        return Need.NOW if fetching or now - held.tried >= rules.retry else Need.NOTHING
    if held.lacks(kid, rules, now) and (fetching or now - held.in_vain >= rules.cooldown):
        return Need.NOW
    expired = held.fetched + rules.max_age
    if now >= expired and held.tried < expired:
        return Need.NOW  # only once: with an issuer that does not answer, nobody else is kept waiting
    return Need.LATER if rested and now - held.fetched >= rules.ahead else Need.NOTHING
