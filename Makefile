# The two commands a newcomer needs: `make dev` and `make test`. Everything else serves those who stay.
#
# Each sets up what it needs first: .venv by the hashes in requirements.lock, GraphiQL where there is Node 20. What is
# there is not made again. Needed beforehand: Python 3.11 or newer, with venv. PYTHON=… names another; ARGS=… goes to pytest.
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
BIN := .venv/bin
READY := .venv/.ready
GRAPHIQL := bff/graphiql/static/manifest.json

.PHONY: dev test check format lock compiled wheel bench graphiql compose-test clean

# The gateway, the six demo services and GraphiQL; Ctrl-C stops all of it.
dev: $(READY) graphiql
	@$(BIN)/bff dev --run "$(BIN)/python -m backends"

test: $(READY) graphiql
	@sh tests/system.sh
	@$(BIN)/python machine_code.py
	@$(BIN)/pytest $(ARGS)

# Format, lint, strict types, import layers.
check: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -q tests/test_layers.py

format: $(READY)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

# New versions within pyproject.toml's bounds, with hashes and no download address. Needs uv (`pip install uv`).
lock:
	@command -v uv >/dev/null || { echo "make lock: uv is missing (pip install uv)" >&2; exit 1; }
	@uv pip compile pyproject.toml --group backends --group dev --python-version 3.11 --upgrade \
	    --generate-hashes --no-header --no-emit-index-url --quiet --output-file requirements.lock

# What every operation passes through as machine code, where there is a C compiler (docs/development.md). It is used until
# one of its sources changes; `make test`, `make wheel` and `make bench` see to it by themselves.
compiled: $(READY)
	@$(BIN)/python machine_code.py

# dist/*.whl: the engine, with GraphiQL inside, for this kind of machine and this Python if something is compiled.
wheel: $(READY) graphiql compiled
	@rm -rf dist
	@$(BIN)/hatchling build --target wheel

# All of docs/performance.md again, in a quarter of an hour: the gateway beside its peers. ARGS="--quick", or --help.
bench: $(READY)
	@sh bench/install.sh
	@$(BIN)/python machine_code.py
	@$(BIN)/python -m bench $(ARGS)

# The containers of docker-compose.yml, in minutes: a gateway is killed under load. Needs a Docker daemon and docker-compose.
compose-test: wheel
	@$(BIN)/python -m tests.compose

# Without Node nothing is built, and the page takes GraphiQL from a CDN (docs/graphiql.md).
graphiql: $(GRAPHIQL)

$(GRAPHIQL): web/graphiql/build.sh web/graphiql/build.mjs web/graphiql/package-lock.json $(wildcard web/graphiql/src/* web/graphiql/src/*/*)
	@sh web/graphiql/build.sh

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=…")'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing into .venv; this takes a minute, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

clean:
	@rm -rf .venv dist bff/_compiled bff/graphiql/static web/graphiql/node_modules examples/node_modules tests/*/node_modules .mypy_cache .ruff_cache .hypothesis
