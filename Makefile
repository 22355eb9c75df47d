# The two commands that matter: `make run` and `make test`. Both set everything up by themselves.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(abspath $(BIN)):$(PATH)
# Without compiled files every process that a test starts would compile the whole product again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test lint unit browsers-and-pbx bench bench-large chaos soak lab clean system-packages

help: ## This list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort

$(VENV)/.run: setup.cfg setup.py requirements.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make run PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable .
	touch $@

$(VENV)/.test: $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable '.[nats,test,bench]'
	touch $@

run: $(VENV)/.run ## Start the product: embedded database, simulated PBX unless CTI_PBX_URL is set
	@$(BIN)/python -m web.assets
	@$(BIN)/python -m cti run

system-packages: ## Install what the tests need from the system's packages (as root)
	@sh tests/system-packages.sh

test: $(VENV)/.test system-packages ## Lint, types, import rules and every test
	$(MAKE) --no-print-directory lint
	$(BIN)/python -m web.assets
	$(BIN)/python -m tests.pbx.debian
	$(BIN)/python -m pytest -n auto -m "not pbx and not chaos and not soak" $(PYTEST)
	@# A real PBX needs room: on a starved machine its own time stamps run late.
	$(BIN)/python -m pytest -n 2 -m "pbx and not chaos and not soak" $(PYTEST)

lint: $(VENV)/.test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.test ## Benchmarks: one table, medians of three
	$(BIN)/python -m web.assets
	$(BIN)/python -m tests.bench

bench-large: $(VENV)/.test ## Benchmarks over ten million rows
	$(BIN)/python -m tests.bench --large

chaos: $(VENV)/.test system-packages ## Faults under load against the PBX's own truth, in full length
	$(BIN)/python -m web.assets
	$(BIN)/python -m pytest -m chaos -p no:cacheprovider $(PYTEST)

soak: $(VENV)/.test system-packages ## Long runs
	$(BIN)/python -m web.assets
	$(BIN)/python -m pytest -m soak $(PYTEST)

lab: $(VENV)/.test system-packages ## A real Asterisk with phones, to try things by hand
	$(BIN)/python -m tests.pbx.lab

clean: ## Remove what was built here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache web/static/dist node_modules build *.egg-info
