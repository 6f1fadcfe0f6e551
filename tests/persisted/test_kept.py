"""What clients register is bounded, in all and in time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bff.persisted.automatic import A_MINUTE, LONGEST, Automatic
from bff.persisted.kept import OVERHEAD, Kept

ROOM = 10  # texts of ten characters


def kept() -> Kept:
    return Kept(ROOM * (OVERHEAD + 10))


def text(number: int) -> str:
    return f"{number:010}"


def test_who_floods_it_loses_its_own() -> None:
    one = kept()
    one.put("web", text(0), "web")
    for number in range(100):
        one.put(f"{number}", text(number), "flood")
    assert one.get("web") == text(0)
    assert len(one) == ROOM
    assert [number for number in range(100) if one.get(f"{number}")] == list(range(91, 100))


def test_what_was_used_lately_stays() -> None:
    one = kept()
    for number in range(ROOM):
        one.put(f"{number}", text(number), "web")
    one.get("0")
    one.put("new", text(0), "web")
    assert one.get("0")
    assert one.get("1") is None


def test_a_text_that_fits_nowhere_displaces_nothing() -> None:
    one = kept()
    one.put("small", text(0), "web")
    one.put("large", "x" * 10_000, "web")
    assert (one.get("small"), one.get("large")) == (text(0), None)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 30), st.integers(1, 2_000)), max_size=60))
def test_it_is_never_over_its_size_and_forgets_no_account(puts: list[tuple[str, int, int]]) -> None:
    one = Kept(5_000, most=8)
    for client, number, length in puts:
        one.put(f"{number}", "x" * length, client)
        held = [found for each in range(31) if (found := one.get(f"{each}")) is not None]
        assert len(held) == len(one) <= 8
        assert sum(len(found) + OVERHEAD for found in held) <= 5_000


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def automatic(clock: Clock) -> Automatic:
    return Automatic(Kept(10_000_000), None, clock)


def test_a_client_registers_so_many_in_a_minute_and_holds_up_no_other() -> None:
    clock = Clock()
    one = automatic(clock)
    assert [one.register(f"{n}", text(n), "flood") for n in range(A_MINUTE + 1)] == [True] * A_MINUTE + [False]
    assert one.register("web", text(0), "web")
    clock.now = 60
    assert one.register("again", text(0), "flood")


def test_what_is_kept_already_is_not_registered_again_and_costs_nothing() -> None:
    one = automatic(Clock())
    assert one.register("a", text(0), "web")
    assert [one.register("a", text(0), "web") for _ in range(A_MINUTE)] == [False] * A_MINUTE
    assert one.register("b", text(1), "web")


def test_a_text_over_the_limit_is_not_kept() -> None:
    assert not automatic(Clock()).register("a", "x" * (LONGEST + 1), "web")
