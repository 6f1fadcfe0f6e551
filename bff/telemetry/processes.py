"""Processes that share a socket count together: into files of one folder, which each of them reads. Knows no metric."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
TOGETHER = os.environ.get(FOLDER)  # the library reads it when it is imported, and so do we


class Plain(Collector):
    """What is counted here or, where processes count together, by all; without when each series began.

    Those `_created` times are a series for each label set, which nobody asks for and a switch of the whole process
    would turn off.
    """

    def __init__(self, own: CollectorRegistry) -> None:
        self._own = own

    def collect(self) -> Iterable[Metric]:
        for metric in _all_processes(Path(TOGETHER)) if TOGETHER else self._own.collect():
            metric.samples = [sample for sample in metric.samples if not sample.name.endswith("_created")]
            yield metric


@contextmanager
def counted_together() -> Iterator[None]:
    """Processes started meanwhile count together. Of no effect on this one, which has imported the library already."""
    with TemporaryDirectory(prefix="bff-metrics-") as folder:
        os.environ[FOLDER] = folder
        try:
            yield
        finally:
            del os.environ[FOLDER]


def _all_processes(folder: Path) -> Iterable[Metric]:
    """Counters outlive the process that counted; what it was doing at the moment does not."""
    for file in folder.glob("gauge_live*.db"):
        if not _lives(int(file.stem.rpartition("_")[2])):
            file.unlink(missing_ok=True)
    found: Iterable[Metric] = MultiProcessCollector(None, str(folder)).collect()  # type: ignore[no-untyped-call]
    return found


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
