# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.
PYTHON ?= python3

# Without RESOLUTION every version and hash is that of uv.lock. With `highest` or `lowest-direct` an environment of its
# own gets what the ranges of pyproject.toml allow, on the day it is made.
RESOLUTION ?=
VENV       := .venv$(addprefix -,$(RESOLUTION))
BIN        := $(VENV)/bin
VERSION    := $(shell sed -n 's/^__version__ = "\(.*\)"/\1/p' reconciler/__init__.py)
IMAGE      ?= provider-reconciler:$(VERSION)
BUILD_ARGS ?=
UV         := $(BIN)/uv --quiet

# The tests start thousands of processes: without bytecode each compiles every module that it imports.
export PYTHONDONTWRITEBYTECODE =

# $(call install,groups): the dependencies, then this project. The lock is exported because its hashes then hold for
# any package index that this machine uses, a mirror too.
ifeq ($(RESOLUTION),)
define install
	@$(UV) export --frozen --no-default-groups --no-emit-project $(1:%=--group %) --output-file $(VENV)/locked.txt
	@$(UV) pip sync --compile-bytecode --python $(BIN)/python --require-hashes $(VENV)/locked.txt
	@$(UV) pip install --python $(BIN)/python --no-deps --no-build-isolation --editable .
endef
else
define install
	@$(UV) pip install --compile-bytecode --python $(BIN)/python --resolution $(RESOLUTION) $(1:%=--group %) --editable .
endef
endif

.PHONY: install wheel image version demo test browser pictures mutants fuzz check actionlint format lock clean help

help: ## what can be made
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

# The stamps are remade when the lock changes.
$(VENV)/.runtime: pyproject.toml uv.lock .ci/uv.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement .ci/uv.txt
	$(call install,build)
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(call install,build test lint)
	@touch $@

$(VENV)/.browser: $(VENV)/.runtime
	$(call install,build test browser)
	@touch $@

$(VENV)/.mutants: $(VENV)/.runtime
	$(call install,build test mutants)
	@touch $@

$(VENV)/.fuzz: $(VENV)/.runtime
	$(call install,build fuzz)
	@touch $@

install: $(VENV)/.runtime ## the command `reconciler`, in .venv/bin

wheel: $(VENV)/.runtime ## the command as a wheel, and its dependencies with hashes, in dist
	@$(UV) build --quiet --wheel --no-build-isolation --python $(BIN)/python --out-dir dist
	@$(UV) export --frozen --no-default-groups --extra otlp --no-emit-project --output-file dist/requirements.txt

image: wheel ## the container image, with docker, podman or buildah, whichever is here; IMAGE names it
	@builder=$$(command -v docker || command -v podman || command -v buildah) || { \
	  echo "make image needs docker, podman or buildah" >&2; exit 1; }; \
	"$$builder" build --build-arg VERSION=$(VERSION) --build-arg REVISION=$$(git rev-parse HEAD) $(BUILD_ARGS) --tag $(IMAGE) .

version: ## of this checkout
	@echo $(VERSION)

demo: $(VENV)/.runtime ## the main job on a folder: diff, apply, drift, rotation; no cluster needed
	@PATH="$(CURDIR)/$(BIN):$$PATH" ./demo/run.sh

test: $(VENV)/.dev ## every test, with a real kube-apiserver (built once, about five minutes)
	@$(BIN)/python -m tests.controlplane.build
	@$(BIN)/python -m tests.node.build
	@$(BIN)/pytest -n auto --dist worksteal $(ARGS)

browser: ## the tests of the HTML page in a Chromium
	@$(MAKE) --no-print-directory VENV=.venv-browser .venv-browser/.browser
	@.venv-browser/bin/pytest tests/reports/test_browser.py $(ARGS)

pictures: ## those of the README, drawn by a Chromium from what the scenario of the tests leaves
	@$(MAKE) --no-print-directory VENV=.venv-browser .venv-browser/.browser
	@.venv-browser/bin/python -m tests.controlplane.build
	@.venv-browser/bin/pytest --quiet tests/e2e/test_scenario.py --basetemp=.pictures
	@.venv-browser/bin/python -m tests.pictures .pictures docs/pictures

mutants: ## changes of MODULE that no test notices; TESTS if not those of its package; AGAIN=1 repeats the survivors
	@$(MAKE) --no-print-directory VENV=.venv-mutants .venv-mutants/.mutants
	@.venv-mutants/bin/python -m tests.mutants $(AGAIN:1=--again) '$(MODULE)' $(TESTS)

fuzz: ## bytes that no parser takes as it should; of TARGET if not of all, for SECONDS each
	@$(MAKE) --no-print-directory VENV=.venv-fuzz .venv-fuzz/.fuzz
	@.venv-fuzz/bin/python -m tests.fuzz $(TARGET) $(SECONDS)

check: $(VENV)/.dev ## lint, format, types, import contracts, workflows
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/zizmor --quiet --offline .github action.yml

actionlint: $(VENV)/.runtime ## the workflows here, and those that `init` writes; needs Go
	@rm -rf $(VENV)/starter
	@$(BIN)/reconciler init $(VENV)/starter --system omnia --vendor openai --forge github > $(VENV)/starter.txt
	@go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 .github/workflows/*.yml $(VENV)/starter/.github/workflows/*.yml

format: $(VENV)/.dev ## write the formatting
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

lock: $(VENV)/.runtime ## bring uv.lock up to the newest versions that the ranges allow
	@$(UV) lock --upgrade
	@$(UV) export --frozen --only-group uv --no-header --output-file .ci/uv.txt

clean: ## remove what was made here
	rm -rf .venv .venv-* .demo .mutants .fuzz dist .pictures .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
