# jiujinan: make run starts the whole system, make test proves it. Needs GNU make, a POSIX shell and Python 3.11 or newer.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
SHELL := /bin/sh

VENV    ?= .venv
BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check --no-input
PYTEST  := $(BIN)/pytest
WORKERS ?= auto
ARGS    ?=

PIP_TOOLS := pip-tools==7.6.2
COMPILE   := python -m piptools compile --quiet --no-config --allow-unsafe --strip-extras --generate-hashes \
             --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
             --build-deps-for=editable

# Each candidate is run, not only looked up: a version manager leaves commands on the PATH that do nothing but fail.
# "python" is set to the first that is new enough and can make a virtual environment.
define find_python
python=; old=; bare=; \
for candidate in $(PYTHON) python3.11 python3.12 python3.13 python3; do \
    "$$candidate" -c '' 2>/dev/null || continue; \
    "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { old=$$candidate; continue; }; \
    "$$candidate" -c 'import ensurepip, venv' 2>/dev/null || { bare=$$candidate; continue; }; \
    python=$$candidate; break; \
done; \
if [ -z "$$python" ]; then \
    if [ -n "$$bare" ]; then \
        echo "$$bare cannot create a virtual environment. On Debian or Ubuntu: apt-get install python3-venv" >&2; \
    elif [ -n "$$old" ]; then \
        echo "$$old is $$("$$old" -V 2>&1): Python 3.11 or newer is needed." >&2; \
        echo "On Debian 12 or Ubuntu 24.04: apt-get install python3 python3-venv. Elsewhere: https://www.python.org/downloads" >&2; \
    else \
        echo "No Python was found: Python 3.11 or newer is needed." >&2; \
        echo "On Debian 12 or Ubuntu 24.04: apt-get install python3 python3-venv. Elsewhere: https://www.python.org/downloads" >&2; \
    fi; \
    exit 1; \
fi
endef

# $(1): the lock to install. The build backend is in the lock too, so nothing unpinned is fetched for the project itself.
define install
@echo "Installing $(1) into $(VENV) (the first time this downloads for a minute or so)"
@$(PIP) install --quiet --require-hashes --requirement $(1)
@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
endef

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: $(VENV)/.embedded ## start the database, the broker and the three services, and play the samples
	@$(BIN)/jiujinan run $(ARGS)

.PHONY: test
test: $(VENV)/.dev ## run every test (ARGS="-k fund" to choose, WORKERS=0 for one process)
	@$(PYTEST) -n $(WORKERS) --dist worksteal $(ARGS)

.PHONY: check
check: lint types walls yaml schemas deploy ## check style, types, walls, YAML, schemas and deployment files

.PHONY: lint
lint: $(VENV)/.dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check

.PHONY: types
types: $(VENV)/.dev
	$(BIN)/pyright

.PHONY: walls
walls: $(VENV)/.dev
	$(BIN)/lint-imports

.PHONY: yaml
yaml: $(VENV)/.dev
	$(BIN)/yamllint --strict .

.PHONY: schemas
schemas: $(VENV)/.dev
	$(BIN)/jiujinan schemas --check

.PHONY: deploy
deploy: $(VENV)/.dev
	$(PYTEST) tests/deploy

.PHONY: bench
bench: $(VENV)/.dev ## measure, each figure beside its rival
	@$(BIN)/python -m bench $(ARGS)

.PHONY: lock
lock: ## pin the dependencies again (ARGS=--upgrade for newer ones)
	@$(find_python); \
	tools=$$(mktemp -d) && trap 'rm -rf "$$tools"' EXIT INT TERM && \
	"$$python" -m venv "$$tools" && PATH=$$tools/bin:$$PATH && export PATH && \
	python -m pip --disable-pip-version-check install --quiet $(PIP_TOOLS) && \
	export CUSTOM_COMPILE_COMMAND="make lock" && \
	echo "requirements/dev.lock" && \
	$(COMPILE) $(ARGS) --extra embedded --extra dev --output-file requirements/dev.lock pyproject.toml && \
	echo "requirements/embedded.lock" && \
	$(COMPILE) --upgrade --extra embedded --constraint requirements/dev.lock --output-file requirements/embedded.lock pyproject.toml && \
	echo "requirements/runtime.lock" && \
	$(COMPILE) --upgrade --constraint requirements/dev.lock --output-file requirements/runtime.lock pyproject.toml

.PHONY: clean
clean: ## remove the virtual environment and what tools left behind (data directories stay)
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(find_python); echo "Creating $(VENV) with $$("$$python" -V)"; "$$python" -m venv --clear $(VENV)

$(VENV)/.embedded: requirements/embedded.lock pyproject.toml | $(BIN)/python
	$(call install,requirements/embedded.lock)
	@touch $@

# dev.lock holds everything that embedded.lock does, in the same versions.
$(VENV)/.dev: requirements/dev.lock pyproject.toml | $(BIN)/python
	$(call install,requirements/dev.lock)
	@touch $(VENV)/.embedded $@
