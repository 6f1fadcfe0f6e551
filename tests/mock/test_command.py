"""`bff serve --mock` and `bff dev --mock`: a gateway that answers with no service running."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Start, bff, project, sound, start  # noqa: F401 - fixtures
from tests.cli.running import Bff

QUERY = '{ item(id: "7") { id name maker { id items { name } } } }'


def test_serve_answers_alike_in_every_process(project: Path, start: Start) -> None:  # noqa: F811 - fixtures
    one = start("serve", "--mock", "--seed", "5", cwd=project)
    two = start("serve", "--mock", "--seed", "5", "--workers", "1", cwd=project)
    one.url(), two.url()
    answer = one.ask(QUERY)
    assert answer["data"]["item"]["id"] == "7"
    assert answer == two.ask(QUERY)
    assert "no service is called: answers are made up" in one.printed


def test_dev_hands_the_seed_and_the_faults_on(project: Path, start: Start) -> None:  # noqa: F811
    gateway = start("dev", "--mock", "--fault", "makers:status=503", cwd=project)
    gateway.url()
    answer = gateway.ask('{ item(id: "8") { name maker { id } } }')
    assert answer["data"]["item"]["maker"] is None
    assert answer["data"]["item"]["name"]


def test_a_fault_of_no_service_stops_the_start(bff: Bff, sound: Path) -> None:  # noqa: F811
    done = bff("serve", "--mock", "--fault", "goodies:status=503", cwd=sound)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "--fault: there is no upstream 'goodies' (it has goods, makers)\n"


def test_a_seed_without_mock_is_wrong_usage(bff: Bff, sound: Path) -> None:  # noqa: F811
    assert bff("serve", "--seed", "5", cwd=sound).returncode == 2
