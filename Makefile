# Every target runs from a bare checkout: Python 3.11 or later, make and the package registries are all it needs.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test lint types bench generate lock clean

help: ## Show what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-10s %s\n", $$1, $$2}'

demo: $(VENV)/.runtime ## Carry 50 letters through a simulated agency, with a lost answer, a refusal and a kill
	@$(BIN)/chapar demo --letters 50

test: $(VENV)/.development lint types ## Run everything: style, types, and all tests on SQLite and PostgreSQL
	$(BIN)/python -m pytest

lint: $(VENV)/.development ## Check style and formatting
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.development ## Check types, strictly
	$(BIN)/mypy

bench: $(VENV)/.development ## Measure speed and memory, as ratios within one run
	$(BIN)/python -m tests.bench

generate: $(VENV)/.development ## Write anew what is generated: example configuration, schema and the page of options
	$(BIN)/chapar config example > config/chapar.example.toml
	$(BIN)/chapar config schema > config/chapar.schema.json
	$(BIN)/chapar config reference > docs/configuration.md
	$(BIN)/python -m connector.mapping.schema_json > config/mapping.schema.json

lock: ## Pin the dependencies anew (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		pyproject.toml --all-extras --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean: ## Remove what was built
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(VENV)/bin/python:
	@echo "Making $(VENV) ..."
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Chapar needs Python 3.11 or later; set PYTHON=...")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Chapar ..."
	@$(PIP) install --require-hashes -r requirements.lock
	@$(PIP) install --no-deps -e .
	@touch $@

$(VENV)/.development: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	@echo "Installing Chapar and what its tests need ..."
	@$(PIP) install --require-hashes -r requirements-dev.lock
	@$(PIP) install --no-deps -e .
	@touch $@ $(VENV)/.runtime
