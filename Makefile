# The environment is .venv in this folder; every target makes what it needs.
.DEFAULT_GOAL := help
.PHONY: help up init images test test-long check fix bench soak lock clean

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PYTEST := $(BIN)/python -m pytest
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

help:  ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/:/' | column -t -s:

$(VENV)/run.stamp: requirements/run.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Guardian needs Python 3.11 or newer, this is " + sys.version)'
	$(PYTHON) -m venv $(VENV)
	$(PIP_INSTALL) -r requirements/run.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/dev.stamp: requirements/dev.txt $(VENV)/run.stamp
	$(PIP_INSTALL) -r requirements/dev.txt
	touch $@

guardian.toml:
	cp guardian.example.toml $@

up: $(VENV)/run.stamp guardian.toml  ## run Guardian here: embedded server, workers, beat (Ctrl-C ends it)
	@$(BIN)/guardian up

init: $(VENV)/run.stamp  ## look around, and write a guardian.toml that only observes until `guardian arm`
	@$(BIN)/guardian init

# Settings for docker compose: this machine, this user, passwords of its own; never made anew over an old one
.env: | guardian.toml
	mkdir -p guardian-state
	umask 077; secret() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }; sed \
	  -e "s|^GUARDIAN_NODE=$$|&$$(hostname -s)|" -e "s|^GUARDIAN_UID=$$|&$$(id -u)|" -e "s|^GUARDIAN_GID=$$|&$$(id -g)|" \
	  -e "s|^PM2_HOME=$$|&$${PM2_HOME:-$$HOME/.pm2}|" \
	  -e "s|^REDIS_PASSWORD=$$|&$$(secret)|" -e "s|^FLOWER_PASSWORD=$$|&$$(secret)|" .env.example > $@

images:  ## the container images of docker-compose.yml
	docker build -t ai-system-guardian -f worker/Dockerfile .
	docker build -t ai-system-guardian-beat -f beat/Dockerfile .

check: $(VENV)/dev.stamp  ## lint, strict types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/dev.stamp  ## format and mend what can be mended by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: check  ## the tests of every commit
	$(PYTEST) -m "not long" -n 2

# Three at a time on two processors: most of it waits. tests/lanes.py says what stays together.
test-long: $(VENV)/dev.stamp  ## faults, races, containers
	$(PYTEST) -m long -n 3

bench: $(VENV)/dev.stamp  ## measured times and sizes, beside a floor or a peer of the same run
	$(BIN)/python -m bench

soak: $(VENV)/dev.stamp  ## hours, by hand
	$(PYTEST) -m long tests/faults --count-factor 20
	$(PYTEST) tests/scanner/test_fuzz.py -s --fuzz-minutes 30 --fuzz-folder .fuzz-found
	$(PYTEST) -m long tests/logs --million-lines 10 -s
	$(PYTEST) -m long tests/bench/test_busy.py --busy-minutes 30 -s

lock: $(VENV)/dev.stamp  ## pin the requirements anew (hashes, no addresses)
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
	  --extra flower --extra postgresql --output-file requirements/run.txt pyproject.toml requirements/build.in
	$(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --upgrade \
	  --constraint requirements/run.txt --group dev --output-file requirements/dev.txt

clean:  ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
