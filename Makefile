# The two commands a newcomer needs: `make dev` and `make test`. Everything else serves those who stay.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready

.PHONY: dev test check format lock wheel graphiql clean

# The gateway, six demo services and GraphiQL; Ctrl-C stops all of it.
dev: $(READY) graphiql
	@$(BIN)/bff dev --run "$(BIN)/python -m backends"

test: $(READY) graphiql
	@sh tests/system.sh
	@$(BIN)/pytest

# Format, lint, strict types, import layers.
check: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/pytest -q tests/test_layers.py

format: $(READY)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

$(READY): requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
