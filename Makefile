# Everything is installed into .venv. PYTHON chooses the Python it is made from (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' Makefile

book: .venv/installed ## build the book into _build/html; a warning or a failing cell is an error
	$(BIN)/python tools/build.py

pdf: book ## print the built book as one PDF, which its pages then offer; needs Chromium
	$(BIN)/python tools/pdf.py

test: .venv/installed ## run every test
	$(BIN)/pytest -n auto --dist loadgroup

mutants: .venv/installed ## break the package in thousands of ways; list those that no test notices
	$(BIN)/mutmut run
	$(BIN)/mutmut results

ONE_THREAD = OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 \
	XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
bench: .venv-bench/installed ## measure beside other tools, for the chapter on scale (minutes)
	env -u PYTHONDONTWRITEBYTECODE $(ONE_THREAD) .venv-bench/bin/python -m bench

grid: .venv-bench/installed ## judge our float derivatives, and others', by closed forms
	$(ONE_THREAD) .venv-bench/bin/python -m bench.grid

fuzz: .venv/installed ## try diagnose, definiteness and flatten on many strange inputs
	FUZZ=1000 $(BIN)/pytest tests/test_fuzz.py

lab: .venv/installed ## open the chapters in JupyterLab
	$(BIN)/jupyter lab chapters

lint: .venv/installed ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

serve: ## serve the built book on this machine, port 8000
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory _build/html

lock: .venv/installed ## refresh requirements.txt from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra book --extra progress --group book --group test --group dev \
		--universal --python-version 3.11 --upgrade --quiet \
		--custom-compile-command "make lock" --output-file requirements.txt

clean: ## remove the built book and .venv
	rm -rf _build mutants .venv .venv-bench

.venv/installed: requirements.txt pyproject.toml
	@echo "Installing into .venv (minutes the first time)"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --editable .
	$(BIN)/pip install --quiet --requirement requirements.txt
	@touch $@

.venv-bench/installed: requirements.txt pyproject.toml .venv/installed
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-bench
	$(BIN)/uv pip install --quiet --compile-bytecode --python .venv-bench/bin/python --editable . \
		--requirement requirements.txt --group bench
	@touch $@

.PHONY: help book pdf test mutants bench grid fuzz lab lint serve lock clean
