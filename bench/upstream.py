"""The services: one nginx that serves JSON files and counts what it is asked. Knows no gateway.

Static files, no access log, connections that never end, nothing that a cache could go by: what is measured is whoever
asks.
"""

from __future__ import annotations

import contextlib
import grp
import json
import os
import pwd
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from bench import data
from bench.process import free_port, running

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

CONFIGURATION = """
daemon off; user {user}; worker_processes 1; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 8192; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; keepalive_timeout 600s;
  open_file_cache max=100 inactive=600s; open_file_cache_valid 600s; etag off; add_header Last-Modified "";
  default_type application/json;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    location = /count {{ stub_status; }}
    location / {{ root {folder}/files; try_files $uri.json =404; }}
  }}
}}
"""


class NoNginx(Exception):
    """Debian's package nginx-light has it."""


class Upstream:
    """Where the services are, and how often they were asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._counted = 0

    def count(self) -> int:
        """How many requests came so far, this one and those before it not among them."""
        with urllib.request.urlopen(f"{self.url}/count", timeout=5) as answer:
            requests = int(answer.read().splitlines()[2].split()[2])
        self._counted += 1
        return requests - self._counted


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[Upstream]:
    """`folder` is empty, and whatever nginx needs is put into it."""
    if NGINX is None:
        raise NoNginx
    _write(folder / "files")
    port = free_port()
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=port, user=_user()))
    command = (NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "errors")
    with running(command, port=port, output=folder / "output", cwd=folder, environment={}):
        yield Upstream(f"http://127.0.0.1:{port}")


def _user() -> str:
    """Who owns the folder: root's nginx would read as somebody else."""
    return f"{pwd.getpwuid(os.getuid()).pw_name} {grp.getgrgid(os.getgid()).gr_name}"


def _write(folder: Path) -> None:
    for path, value in data.files().items():
        file = (folder / path).with_name(f"{Path(path).name}.json")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(value, separators=(",", ":")))
