# Keping. `make demo` and `make test` are all the set-up there is.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
DEMO_ARGS ?=
PYTEST_ARGS ?=

export DO_NOT_TRACK := 1
export PREFECT_SERVER_ANALYTICS_ENABLED := false
export PYTHONHASHSEED ?= 0

.PHONY: help setup setup-test system doctor demo test test-unit check lint types imports bench soak coverage mutation lock docs rooms gallery sbom audit clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

demo: setup  ## make the sample company, run its newest month, print where the PDFs are
	@$(BIN)/keping demo --dir var/demo $(DEMO_ARGS)

test: setup-test  ## the whole test suite; servers that are away are named
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

test-unit: setup-test  ## the fast tests: formulas and other pure values, under a minute
	@$(BIN)/python -m pytest -m "unit and not simulated" $$($(BIN)/python -m tests.marks unit) $(PYTEST_ARGS)

check: setup-test lint types imports  ## lint, types, import rule and tests: what CI runs
	@$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: setup-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check . 

types: setup-test
	@$(BIN)/mypy

imports: setup-test
	@$(BIN)/lint-imports

bench: setup-test  ## speed and memory as ratios in one run, into var/bench.json
	@$(BIN)/python -m tests.bench

soak: setup-test  ## the long suites: larger counts of the same tests
	@KEPING_SOAK=1 $(BIN)/python -m pytest $(PYTEST_ARGS)

coverage: setup-test  ## branch coverage of ledger, publishing, quarantine and period by their own tests: must be whole
	@$(BIN)/python -m pip install -q --disable-pip-version-check --upgrade --target var/tools coverage
	@PYTHONPATH=var/tools $(BIN)/python -m tests.nightly.coverage

mutation: setup-test  ## small mistakes made in the same modules, one at a time: how many their tests notice (hours; MODULES="transforms/month.py")
	@$(BIN)/python -m tests.nightly.mutation $(MODULES)

docs: setup-test  ## rewrite the generated pages of docs/
	@$(BIN)/python -m flows.upkeep.manual

rooms: setup-test  ## draw the rooms and their imports anew: docs/rooms.svg
	@$(BIN)/python -m flows.upkeep.rooms

lock: .venv/uv  ## resolve the dependencies anew (versions and hashes, no addresses)
	@$(BIN)/uv pip compile pyproject.toml --all-extras -p 3.11 --universal --generate-hashes --no-header --no-annotate -q -o requirements.lock
	@! grep -nE 'https?://|file:|--index' requirements.lock

gallery: setup  ## the pictures that README opens with, from a run of the sample company: docs/gallery
	@$(BIN)/keping demo --dir var/gallery --until 2026-10
	@$(BIN)/python -m flows.upkeep.gallery var/gallery/archive/2026-10/r0

doctor: setup  ## say what this machine lacks
	@$(BIN)/python -m flows.upkeep.doctor

sbom: setup  ## the bill of materials (CycloneDX) into var/sbom.cdx.json
	@$(BIN)/python -m flows.upkeep.locked && echo "keping: var/sbom.cdx.json"

audit: .venv/uv  ## ask for known holes in the locked packages, where the vulnerability service can be reached
	@$(BIN)/uv tool run pip-audit -r requirements.lock --no-deps --disable-pip --progress-spinner off

clean:  ## remove what was made here, but not the environment
	@rm -rf var build .pytest_cache .mypy_cache .ruff_cache .import_linter_cache *.egg-info

# --- set-up -------------------------------------------------------------------------

setup: .venv/installed system
setup-test: .venv/installed system

system:
	@$(PYTHON) flows/upkeep/system.py

.venv/uv:
	@echo "keping: making .venv"
	@$(PYTHON) -m venv .venv || { echo "keping: python3-venv is missing: apt-get install python3-venv"; exit 7; }
	@$(BIN)/python -m pip install -q --disable-pip-version-check uv 2>/dev/null && touch $@ || { echo "keping: uv is not to be had; plain pip does it, more slowly"; touch $@; }

.venv/installed: requirements.lock pyproject.toml | .venv/uv
	@echo "keping: installing the locked packages (once; about half a minute)"
	@if [ -x $(BIN)/uv ]; then \
	  UV_COMPILE_BYTECODE=1 $(BIN)/uv pip install -q -p $(BIN)/python --require-hashes -r requirements.lock && \
	  $(BIN)/uv pip install -q -p $(BIN)/python --no-deps -e . ; \
	else \
	  $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r requirements.lock && \
	  $(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@touch $@
