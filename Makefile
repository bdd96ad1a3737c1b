# Everything is installed into .venv. PYTHON chooses the Python it is made from (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' Makefile

book: .venv/installed ## build the book into _build/html; a warning or a failing cell is an error
	$(BIN)/python tools/build.py

test: .venv/installed ## run every test
	$(BIN)/pytest -n auto --dist loadgroup

mutants: .venv/installed ## break the package in thousands of ways; list those that no test notices
	$(BIN)/mutmut run
	$(BIN)/mutmut results

lab: .venv/installed ## open the chapters in JupyterLab
	$(BIN)/jupyter lab chapters

lint: .venv/installed ## check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

serve: ## serve the built book on this machine, port 8000
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory _build/html

lock: .venv/installed ## refresh requirements.txt from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --group book --group test --group dev \
		--universal --python-version 3.11 --upgrade --quiet \
		--custom-compile-command "make lock" --output-file requirements.txt

clean: ## remove the built book and .venv
	rm -rf _build mutants .venv

.venv/installed: requirements.txt pyproject.toml
	@echo "Installing into .venv (minutes the first time)"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --no-deps --editable .
	$(BIN)/pip install --quiet --requirement requirements.txt
	@touch $@

.PHONY: help book test mutants lab lint serve lock clean
