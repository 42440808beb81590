# make demo    train, convert and run on four simulators; pictures go to demo_output/
# make test    the tests
# make benchmark   time all simulators side by side; half an hour to an hour and more
# make experiments DATA=folder   redo the papers' tables and figures from the stored weights; two
#                 hours and more, half an hour of them with EXPERIMENTS_ARGS=hunsberger
# make lint    ruff: style and format; pyright: types
# make clean   forget all that was made or installed here
#
# The first call makes a virtual environment in .venv and installs everything into it. Another
# interpreter: make test PYTHON=python3.12 VENV=.venv312

PYTHON ?= python3
VENV ?= .venv
# What to install: "-e ." follows the source tree, "." is a copy as any user gets it.
PACKAGE ?= -e .
# Two processes; one with PYTEST_ARGS=
PYTEST_ARGS ?= -n 2
DEMO_ARGS ?=
BENCHMARK_ARGS ?=
# Folder of mnist.npz and cifar10.npz; EXPERIMENTS_ARGS=--quick does without.
DATA ?=
EXPERIMENTS_ARGS ?=

LINT_VENV := .venv-lint
RUFF := ruff>=0.17,<0.18
# With its own Node from the package registry. Its releases find new errors, so it is pinned.
PYRIGHT := pyright[nodejs]==1.1.414
NENGO_DL := nengo-dl==3.6.0
PIP = $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
IN_LINT_VENV := $(LINT_VENV)/bin/python -m

.PHONY: demo test benchmark experiments lint format install clean

demo: $(VENV)/installed
	$(VENV)/bin/nengo-softlif demo $(DEMO_ARGS)

test: $(VENV)/installed-tests
	$(VENV)/bin/python -m pytest $(PYTEST_ARGS)

benchmark: $(VENV)/installed-benchmarks
	$(VENV)/bin/python -m benchmarks $(BENCHMARK_ARGS)

experiments: $(VENV)/installed
	$(VENV)/bin/python -m experiments $(if $(DATA),--data $(DATA)) $(EXPERIMENTS_ARGS)

lint: $(LINT_VENV)/installed $(VENV)/installed
	$(IN_LINT_VENV) ruff check .
	$(IN_LINT_VENV) ruff format --check .
	$(IN_LINT_VENV) pyright --pythonpath $(VENV)/bin/python

format: $(LINT_VENV)/installed
	$(IN_LINT_VENV) ruff check --fix .
	$(IN_LINT_VENV) ruff format .

install: $(VENV)/installed

clean:
	rm -rf $(VENV) $(LINT_VENV) build dist *.egg-info demo_output experiments_output
	rm -rf .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# NengoDL is last, as its build looks for the TensorFlow that is there. On Python 3.11 and older
# it has come with the package by then; from 3.12 on its pinned setuptools fails in isolation.
$(VENV)/installed: setup.cfg pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed: make PYTHON=...")'
	@$(PYTHON) -m venv $(VENV)
	@echo "Installing into $(VENV); the first time this takes some minutes (TensorFlow is large)."
	@$(PIP) install --upgrade pip
	@$(PIP) install $(PACKAGE)
	@if $(VENV)/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 12))'; then \
	    $(PIP) install "setuptools<81" wheel && \
	    $(PIP) install --no-build-isolation "$(NENGO_DL)"; \
	fi
	@touch $@

$(VENV)/installed-tests: $(VENV)/installed
	@$(PIP) install $(PACKAGE)[tests]
	@touch $@

$(VENV)/installed-benchmarks: $(VENV)/installed
	@$(PIP) install $(PACKAGE)[benchmarks]
	@touch $@

$(LINT_VENV)/installed: Makefile
	@$(PYTHON) -m venv $(LINT_VENV)
	@$(IN_LINT_VENV) pip --disable-pip-version-check --quiet install "$(RUFF)" "$(PYRIGHT)"
	@touch $@
