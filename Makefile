# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: demo test check format clean help

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The stamps are remade when the dependencies in pyproject.toml change.
$(VENV)/.runtime: pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check 'uv>=0.5,<1'
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -e . --group dev
	@touch $@

demo: $(VENV)/.runtime ## the main job on a folder: diff, apply, drift, rotation; no cluster needed
	@PATH="$(CURDIR)/$(BIN):$$PATH" ./demo/run.sh

test: $(VENV)/.dev ## every test, with a real kube-apiserver (built once, about five minutes)
	@$(BIN)/python -m tests.controlplane.build
	@$(BIN)/pytest -n auto $(ARGS)

check: $(VENV)/.dev ## lint, format, types, import contracts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: $(VENV)/.dev ## write the formatting
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

clean: ## remove what was made here
	rm -rf $(VENV) .demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
