# Targets explain themselves: `make help`.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
SEEDS ?= 0:200
JOBS ?= 2

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all coverage lock lint format types imports bench docs lab mutants clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(VENV)/.ready ## Make .venv with locked dependencies (by uv if there is one, else by pip)

$(VENV)/.ready: pyproject.toml uv.lock requirements.lock
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "gatepath needs Python 3.11: install it, or name one with 'make PYTHON=/path/to/python3.11'" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if command -v uv >/dev/null 2>&1 && UV_PROJECT_ENVIRONMENT=$(VENV) uv sync --quiet --frozen --inexact --python $(BIN)/python 2>/dev/null; then :; else \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .; fi
	@touch $@

demo: setup ## Break a VPC on a local AWS simulator, record it, diagnose it, mend it
	@$(BIN)/python demo/run.py

test: setup ## Run the fast tests (below 12 minutes on 2 cores)
	@$(BIN)/coverage erase
	@$(BIN)/python -m pytest -n $(JOBS) -m "not slow"

test-all: setup ## Run all tests, the slow ones too
	@$(BIN)/python -m pytest -n $(JOBS)

coverage: setup ## Run the fast tests and report branch coverage
	@$(BIN)/coverage erase
	@$(BIN)/coverage run -m pytest -q -n $(JOBS) -m "not slow"
	@$(BIN)/coverage combine --quiet
	@$(BIN)/coverage report --skip-covered --sort=cover

lock: ## Renew uv.lock and requirements.lock from pyproject.toml (needs uv)
	@uv lock
	@uv export --frozen --no-emit-project --group dev --format requirements-txt --quiet > requirements.lock

lint: setup ## Check style, types, import contracts and dependencies
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy src/gatepath tests demo bench scripts
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/deptry src

format: setup ## Format the code
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format --quiet .

bench: setup ## Measure speed beside a physical limit or peer of the same run
	@$(BIN)/python -m bench.run

docs: setup ## Write docs/findings (one page a finding code) and the demo in both READMEs
	@$(BIN)/python scripts/make_docs.py
	@$(BIN)/python scripts/update_readme.py

lab: setup ## Compare with the Linux kernel on random VPCs: SEEDS=0:2000 JOBS=2 (root or user namespaces)
	@$(BIN)/python -m tests.lab --seeds $(SEEDS) --jobs $(JOBS)

mutants: setup ## Change every decision of the network half, one at a time; name what no test notices: MODULES=gatepath.packets
	@$(BIN)/python -m tests.mutants --jobs $(JOBS) $(MODULES)

clean: ## Remove what the other targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage* htmlcov build dist
