"""What Prometheus is told: true numbers after real operations, of bounded cardinality, with nothing private in them."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from bff.auth import ANONYMOUS, Caller
from bff.codec import changed
from bff.gateway import Gateway
from bff.operation import OPEN
from bff.telemetry import DocumentFact, Several
from bff.telemetry.metrics import MOST_CALLS, MOST_FAILURES, MOST_NAMES, NAMES_EACH, MetricsObserver
from bff.telemetry.subscriptions import SubscriptionEnd, SubscriptionFact
from tests.http.conftest import Served, serving
from tests.kit import Listener, opened, reply
from tests.telemetry.facts import EXCHANGE, OPERATION, PASSAGE
from tests.world import SERVICES, make_schema

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text("utf-8")
SUBSCRIPTION = SubscriptionFact("c0ffee", "web", "partner", "hunter", "websocket")
CLIENT = {"client": ANONYMOUS, "tier": OPEN}


def samples(metrics: MetricsObserver | None) -> list[Sample]:
    assert metrics is not None
    text = metrics.render()[0].decode()
    return [sample for family in text_string_to_metric_families(text) for sample in family.samples]


def value(where: MetricsObserver | Gateway, metric: str, /, **labels: str) -> float:
    """The sum of its samples that have these labels."""
    metrics = where.metrics if isinstance(where, Gateway) else where
    found = [each for each in samples(metrics) if each.name == metric and labels.items() <= each.labels.items()]
    return sum(each.value for each in found)


def everything() -> MetricsObserver:
    """One of everything."""
    metrics = MetricsObserver({"web"})
    metrics.operation(changed(OPERATION, shared=True))
    metrics.exchange(changed(EXCHANGE, repeated=True))
    metrics.exchange(changed(EXCHANGE, cache="hit"))
    metrics.document(DocumentFact("c0ffee", "web", "partner", "hit", "hunter2", "hunter2"))
    metrics.passage(PASSAGE)
    metrics.subscriptions.connected(1)
    metrics.subscriptions.subscribed(SUBSCRIPTION)
    metrics.subscriptions.event(SUBSCRIPTION, None)
    metrics.subscriptions.unsubscribed(SUBSCRIPTION, SubscriptionEnd("complete", None, 1, 0.5))
    metrics.failure("c0ffee", "user.boom", RuntimeError("the password is hunter2"))
    metrics.store("down", "redis://:hunter2@store:6379 refused")
    metrics.circuit("cities", "open", "503")
    with metrics.surface("graphql") as requests:
        requests.answered(200)
    return metrics


async def test_an_operation_is_counted_with_its_price_its_calls_and_each_of_its_exchanges() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        for _ in range(2):
            await bench.ask("query People { user(id: 1) { name friends { name } } }")
        (cost, _) = [fact.price for fact in bench.listener.operations]
        gateway = bench.gateway
        labels = {**CLIENT, "name": "People", "kind": "query", "code": "OK"}
        assert value(gateway, "bff_operations_total", **labels) == 2
        assert value(gateway, "bff_operation_seconds_count", client=ANONYMOUS, name="People") == 2
        assert value(gateway, "bff_operation_price_sum", tier=OPEN) == 2 * cost
        assert value(gateway, "bff_operation_planned_calls_sum", tier=OPEN) == 4
        assert value(gateway, "bff_operation_upstream_calls_sum", tier=OPEN) == 4
        call = {"upstream": "users", "call": "GET /users{?id*}"}
        assert value(gateway, "bff_exchanges_total", **call, outcome="2xx") == 4
        assert value(gateway, "bff_exchange_seconds_count", **call) == 4
        assert value(gateway, "bff_exchange_wait_seconds_count", upstream="users") == 4


async def test_what_went_wrong_is_counted_by_its_code() -> None:
    services = {**SERVICES, "posts": lambda _: reply({}, 503)}
    async with opened(make_schema(), services) as bench:
        await bench.ask("{ total }")
        await bench.ask("{ posts { name } }")
        await bench.ask("{ user(id: 1) { boom } }")
        await bench.ask("{ nonsense }")
        gateway = bench.gateway
        codes = ("UPSTREAM_STATUS", "INTERNAL", "GRAPHQL_VALIDATION_FAILED")
        assert all(value(gateway, "bff_operations_total", code=code) >= 1 for code in codes)
        assert value(gateway, "bff_operations_total", kind="unknown", name="(unnamed)") == 1
        assert value(gateway, "bff_exchanges_total", upstream="posts", outcome="5xx") == 2
        assert value(gateway, "bff_failures_total", error="RuntimeError") == 1


def test_a_passage_is_of_its_client_of_any_token_or_of_nobody_that_is_known() -> None:
    metrics = MetricsObserver({"web"})
    for caller in ("web", "https://id.example.com/ ana", None):
        metrics.passage(replace(PASSAGE, caller=caller))
    counted = [each.labels["client"] for each in samples(metrics) if each.name == "bff_passages_total"]
    assert counted == ["web", "(token)", "(unknown)"]


@pytest.mark.parametrize(
    ("shared", "cache", "source"),
    [
        (False, "", "service"),
        (True, "", "shared"),
        (False, "miss", "service"),
        (True, "miss", "shared"),
        (False, "revalidated", "service"),
        (False, "bypass", "service"),
        (False, "fallback", "service"),
        (False, "refresh", "service"),
        (False, "hit", "cache"),
        (False, "stale", "cache"),
    ],
)
def test_an_exchange_is_counted_by_where_its_answer_came_from_and_timed_if_that_was_the_service(
    shared: bool, cache: str, source: str
) -> None:
    metrics = MetricsObserver({"web"})
    metrics.exchange(changed(EXCHANGE, shared=shared, cache=cache))
    assert value(metrics, "bff_exchanges_total", source=source) == 1
    assert value(metrics, "bff_exchange_seconds_count") == (source == "service")
    assert value(metrics, "bff_cache_total", status=cache) == bool(cache)


def test_a_call_that_was_sent_twice_is_one_call_and_counted_beside() -> None:
    metrics = MetricsObserver({"web"})
    for repeated in (False, True, True):
        metrics.exchange(changed(EXCHANGE, repeated=repeated))
    assert value(metrics, "bff_exchanges_total") == 3
    assert value(metrics, "bff_exchanges_repeated_total", upstream=EXCHANGE.upstream) == 2


def test_a_call_to_a_service_that_is_down_does_not_make_it_look_fast() -> None:
    metrics, code = MetricsObserver({"web"}), "UPSTREAM_UNAVAILABLE"
    metrics.exchange(changed(EXCHANGE, status=None, error=code))
    assert value(metrics, "bff_exchanges_total", outcome=code) == 1
    assert value(metrics, "bff_exchange_seconds_count") == 0


def test_a_circuit_is_open_or_not() -> None:
    metrics = MetricsObserver({"web"})
    assert not [each for each in samples(metrics) if each.name == "bff_circuit_open"]
    for state, expected in (("open", 1), ("closed", 0)):
        metrics.circuit("cities", state, "503")  # type: ignore[arg-type]  # of a loop
        assert value(metrics, "bff_circuit_open", upstream="cities") == expected


async def test_the_page_for_prometheus_counts_requests_by_status(served_alone: Served) -> None:
    await served_alone.ask("{ total }")
    await served_alone.ask("{ nonsense }", accept="application/graphql-response+json")
    answer = await served_alone.client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = list(text_string_to_metric_families(answer.text))
    requests = next(family for family in found if family.name == "bff_requests")
    assert {(each.labels["surface"], each.labels["status"]): each.value for each in requests.samples} == {
        ("graphql", "200"): 1,
        ("graphql", "400"): 1,
    }
    assert value(served_alone.bench.gateway, "bff_requests_in_flight", surface="graphql") == 0


@pytest.fixture
async def served_alone():
    async with serving() as served:
        yield served


async def test_where_metrics_are_off_there_is_no_page_and_nothing_is_kept() -> None:
    async with serving("telemetry: {metrics: false}") as served:
        assert (await served.client.get("/metrics")).status_code == 404
        assert (await served.ask("{ total }")).status_code == 200
        assert served.bench.gateway.metrics is None


async def test_gateways_of_one_process_count_apart() -> None:
    async with opened(make_schema(), SERVICES) as one, opened(make_schema(), SERVICES) as other:
        await one.ask("{ total }")
        assert value(one.gateway, "bff_operations_total") == 1
        assert value(other.gateway, "bff_operations_total") == 0


def test_requests_are_in_flight_until_they_are_over_however_they_end() -> None:
    metrics = MetricsObserver(set())
    with metrics.surface("graphql"), suppress(ZeroDivisionError), metrics.surface("graphql"):
        assert value(metrics, "bff_requests_in_flight", surface="graphql") == 2
        raise ZeroDivisionError
    assert value(metrics, "bff_requests_in_flight", surface="graphql") == 0


def test_the_store_is_up_until_told_otherwise() -> None:
    metrics = MetricsObserver(set())
    assert value(metrics, "bff_store_up") == 1
    metrics.store("down", "refused")
    assert value(metrics, "bff_store_up") == 0
    metrics.store("up", "back")
    assert value(metrics, "bff_store_up") == 1


def test_a_flood_of_names_stays_bounded_and_hides_only_the_names_of_who_invents_them() -> None:
    metrics = MetricsObserver({"web", ANONYMOUS})
    for number in range(5_000):
        metrics.operation(changed(OPERATION, client=ANONYMOUS, name=f"Invented{number}"))
        metrics.operation(changed(OPERATION, client=f"https://id.example.com/ user{number}", name=f"Mine{number}"))
    metrics.operation(changed(OPERATION, client=ANONYMOUS, name="Invented0"))
    metrics.operation(changed(OPERATION, client="web", name="Lisbon"))
    counted = [each.labels for each in samples(metrics) if each.name == "bff_operations_total"]
    assert len(counted) == 2 * (NAMES_EACH + 1) + 1
    assert value(metrics, "bff_operations_total", client=ANONYMOUS, name="Invented0") == 2
    assert value(metrics, "bff_operations_total", client=ANONYMOUS, name="(other)") == 5_000 - NAMES_EACH
    assert value(metrics, "bff_operations_total", client="web", name="Lisbon") == 1
    assert value(metrics, "bff_operations_total") == 10_002


def test_all_clients_together_have_so_many_names_calls_and_failures_and_no_more() -> None:
    names = {f"client{number}" for number in range(20)}
    metrics = MetricsObserver(names)
    for client in names:
        for number in range(NAMES_EACH):
            metrics.operation(changed(OPERATION, client=client, name=f"Query{number}"))
    for number in range(2 * MOST_CALLS):
        metrics.exchange(changed(EXCHANGE, label=f"GET /{number}"))
        metrics.failure("", "", type(f"Error{number}", (Exception,), {})())
    with_names = MOST_NAMES // NAMES_EACH  # clients that came first; the rest have one label for all of theirs
    assert values(metrics, "bff_operations_total", "name") == MOST_NAMES + len(names) - with_names
    assert values(metrics, "bff_exchanges_total", "call") == MOST_CALLS + 1
    assert values(metrics, "bff_failures_total", "error") == MOST_FAILURES + 1


def values(metrics: MetricsObserver, name: str, label: str) -> int:
    """How many label sets there are; `label` is one of them, to be sure that it is there."""
    return sum(label in each.labels for each in samples(metrics) if each.name == name)


def test_a_name_of_a_megabyte_is_never_kept() -> None:
    metrics = MetricsObserver({"web"})
    metrics.operation(changed(OPERATION, name="x" * 1_000_000))
    assert len(metrics.render()[0]) < 50_000
    assert value(metrics, "bff_operations_total", name="(other)") == 1


def test_words_from_outside_cannot_break_the_format() -> None:
    metrics = MetricsObserver({"web"})
    for number, word in enumerate(('"} 1\n# EOF', "\\", "\ud800", "\x00", "é\u2028")):
        metrics.operation(changed(OPERATION, name=word))
        assert len([each for each in samples(metrics) if each.name == "bff_operations_total"]) == number + 1


def test_nothing_private_is_in_it() -> None:
    metrics = everything()
    metrics.operation(changed(OPERATION, client="https://id.example.com/ ana@example.com", code="FORBIDDEN"))
    text = metrics.render()[0].decode()
    assert not re.search(r"hunter2|ana|id\.example|redis:|c0ffee|0af7651916cd", text)
    assert value(metrics, "bff_operations_total", client="(token)", code="FORBIDDEN") == 1


async def test_a_secret_that_a_client_sends_is_in_no_label() -> None:
    async with opened(make_schema(), SERVICES) as bench:
        caller = Caller("https://id.example.com/ subject-hunter2", OPEN, "subject-hunter2")
        query = 'query ($q: String!) { search(q: $q) { name } user(id: "hunter2") { name } }'
        await bench.ask_as(caller, query, {"authorization": "Bearer hunter2"}, q="hunter2")
        assert value(bench.gateway, "bff_exchanges_total") >= 2
        assert not [each for each in samples(bench.gateway.metrics) if "hunter2" in str(each.labels)]


def test_the_page_in_docs_lists_every_metric_with_its_labels_and_no_other() -> None:
    rows = re.findall(r"^\| `(bff_\w+)` \| (\w+) \|([^|]*)\|", PAGE, re.MULTILINE)
    told = {(name, kind, frozenset(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    families = text_string_to_metric_families(everything().render()[0].decode())
    assert told == {
        (
            f"{each.name}_total" if each.type == "counter" else each.name,
            each.type,
            frozenset(each.samples[0].labels) - {"le"},
        )
        for each in families
    }


@pytest.mark.parametrize("query", re.findall(r"^ +expr: (.+)$", PAGE, re.MULTILINE))
def test_alerts_in_docs_speak_of_metrics_that_there_are(query: str) -> None:
    there = {sample.name for sample in samples(everything())}
    assert set(re.findall(r"\bbff_\w+", query)) <= there


def test_whoever_listens_with_others_hears_the_same() -> None:
    one, other = Listener(), Listener()
    both = Several([one, other])
    both.operation(OPERATION)
    both.failure("c0ffee", "user.boom", error := RuntimeError())
    both.exchange(EXCHANGE)
    both.store("down", "refused")
    assert one.operations == other.operations == [OPERATION]
    assert one.failures == other.failures == [("c0ffee", "user.boom", error)]


WORKER = """
import asyncio, sys
from bff.telemetry.metrics import MOMENT, MetricsObserver
metrics = MetricsObserver({"web"})
async def main():
    with metrics.surface("graphql") as requests:
        with metrics.surface("graphql"):
            requests.answered(200)
        await asyncio.sleep(2 * MOMENT)  # of the same loop: what was due in one is done
        print("counted", flush=True)
        sys.stdin.readline()
        print(metrics.render()[0].decode(), flush=True)
asyncio.run(main())
"""
PARENT = f"""
import subprocess, sys
from bff.telemetry.processes import counted_together
with counted_together():
    one, other, killed = (
        subprocess.Popen([sys.executable, "-c", {WORKER!r}], text=True, stdin=-1, stdout=-1) for _ in range(3)
    )
    for process in (one, other, killed):
        process.stdout.readline()
    killed.kill()
    killed.wait()
    print(one.communicate("go")[0])
    other.communicate("go")
"""


def test_processes_that_share_a_socket_answer_for_all_of_them_and_not_for_the_dead_as_if_they_lived() -> None:
    text = subprocess.run([sys.executable, "-c", PARENT], capture_output=True, text=True, check=True, timeout=60).stdout
    found = {each.name: each.value for family in text_string_to_metric_families(text) for each in family.samples}
    assert found["bff_requests_total"] == 3
    assert found["bff_requests_in_flight"] == 2
    assert found["bff_store_up"] == 1
