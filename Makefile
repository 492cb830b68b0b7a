# Everything is set up in .venv; nothing else on the machine is touched.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A fresh installation after any change of what is installed.
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := all
.PHONY: all setup test test-documents lint format bench bench-depth bench-notes elementary clean

all: setup
	$(BIN)/derive all

setup: $(STAMP)

$(STAMP): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[dev,blas]"
	@$(BIN)/python -c "from derive.verify.load import find_compiler; find_compiler()" 2>/dev/null \
		|| $(BIN)/python -m pip install --quiet --disable-pip-version-check --editable ".[cc]"
# What pip does for a package that is not editable: the first run does not wait for it.
	@$(BIN)/python -m compileall -q derive
	@touch $(STAMP)

test: setup
	$(BIN)/python -m pytest -q -n auto

# The tests that need TeX or a browser, which `test` runs as well; those for which something is
# missing say so and are skipped.
test-documents: setup
	$(BIN)/python -m pytest -q -rs -m documents tests

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/derive generate --check

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# With the frameworks that are installed (docs/benchmarks.md); BENCH_PYTHON is any Python with derive.
BENCH_PYTHON ?= $(BIN)/python
BENCH_ARGS ?=

bench: setup bench-depth
	$(BENCH_PYTHON) -m tests.bench.speed --json build/bench/speed.json \
		--plot build/bench/speed.svg $(BENCH_ARGS)
	$(BENCH_PYTHON) -m tests.bench.accuracy --json build/bench/accuracy.json
	$(BIN)/python -m tests.bench.own --json build/bench/own.json

bench-depth: setup
	$(BIN)/python -m tests.bench.depth

bench-notes: setup
	$(BIN)/python -m tests.bench.notes --jobs 2 --json build/bench/notes.json

# All 2³² single-precision numbers through every elementary function: about an hour.
elementary: setup
	$(BIN)/python -m tests.elementary.every

clean:
	rm -rf $(VENV) generated/c/_build build dist
