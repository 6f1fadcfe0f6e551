"""Programs that a run starts: they have ended when it is left, and what they use is counted."""

from __future__ import annotations

import sys
from pathlib import Path

import psutil
import pytest

from bench.process import DidNotStart, family, free_port, listens, running, usage

SERVER = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(60)"
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-S', '-c', sys.argv[2], sys.argv[1]])"


def test_a_server_and_its_children_are_counted_and_end(tmp_path: Path) -> None:
    port = free_port()
    command = (sys.executable, "-S", "-c", PARENT, str(port), SERVER)
    with running(command, port=port, output=tmp_path / "log", cwd=tmp_path, environment={}) as pid:
        members = family(pid)
        assert (len(members), members[0]) == (2, pid)
        found = usage(pid)
        assert 0 < found.rss <= found.peak
    assert not listens(port)
    assert not any(psutil.pid_exists(each) and psutil.Process(each).status() != "zombie" for each in members)


def test_a_program_that_ends_before_it_listens_is_quoted(tmp_path: Path) -> None:
    command = (sys.executable, "-S", "-c", "raise SystemExit('no such setting')")
    with (
        pytest.raises(DidNotStart, match="no such setting"),
        running(command, port=free_port(), output=tmp_path / "log", cwd=tmp_path, environment={}),
    ):
        pass
