# Everything is installed into .venv. PYTHON chooses the Python it is made from (3.11 or newer).
PYTHON ?= python3
BIN := .venv/bin
# Small matrices gain nothing by threads, and where every core is busy these wait for each other.
ONE_THREAD := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 \
	XLA_FLAGS="--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
PYTEST := $(ONE_THREAD) $(BIN)/pytest -n auto --dist loadgroup

# The tests of the core, as mutmut's list in pyproject.toml has them.
CORE = $(shell $(BIN)/python -c "import tomllib; print(*tomllib.load(open('pyproject.toml', 'rb')) \
	['tool']['mutmut']['pytest_add_cli_args_test_selection'])")

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-7s %s\n", $$1, $$2}' Makefile

book: .venv/installed ## build the book into _build/html; a warning or a failing cell is an error
	$(BIN)/python tools/build.py

pdf: book ## print the built book as one PDF, which its pages then offer; needs Chromium
	$(BIN)/python tools/pdf.py

test: .venv/installed ## run every test, in random order
	$(PYTEST)

fast: .venv/installed ## run the tests of the core, but the slow ones (half a minute)
	$(PYTEST) --quiet -m "not slow" --hypothesis-profile=mutants $(CORE)

# $(call try,NAME,PACKAGES,TESTS): the package in the environment _build/NAME. At first it stands
# alone there, for the README's example; then come the tools of the core's tests, and the tests.
define try
	$(BIN)/uv venv --quiet --clear --python $(BIN)/python _build/$(1)
	$(BIN)/uv pip install --quiet --python _build/$(1) $(2)
	_build/$(1)/bin/python -m doctest README.md
	$(BIN)/uv pip install --quiet --python _build/$(1) --group core-test
	$(BIN)/uv pip list --quiet --python _build/$(1)
	$(ONE_THREAD) _build/$(1)/bin/python -m pytest -n auto --dist loadgroup --quiet $(CORE) $(3)
endef
HERE := --editable '.[book,progress]'
# Old libraries warn of what newer ones beside them, or NumPy 2.0 itself, do; what draws may not warn.
CALM := "pyparsing==3.2.*"
OLD := -W ignore::DeprecationWarning -W "ignore:overflow encountered in cast:RuntimeWarning"

lowest: .venv/installed ## try the lowest versions that pyproject.toml allows (Python 3.11 or 3.12)
	$(call try,lowest,--resolution lowest-direct $(HERE) $(CALM),src $(OLD))

nightly: .venv/installed ## try versions to come, from the index NIGHTLY_INDEX if it is given
	$(call try,nightly,--prerelease allow $(HERE) \
		$(if $(NIGHTLY_INDEX),--index $(NIGHTLY_INDEX) --index-strategy unsafe-best-match),src)

dist: .venv/installed ## build the wheel and the sdist, and try each in an empty environment
	rm -rf dist
	$(BIN)/uv build --quiet
	$(BIN)/uv tool run --quiet twine check --strict dist/*
	$(call try,wheel,dist/*.whl)
	$(call try,sdist,dist/*.tar.gz)

links: book ## ask every other site that the book links to whether it still has the page
	$(BIN)/python tools/links.py

mutants: .venv/installed ## break the package in thousands of ways; list those that no test notices
	$(BIN)/mutmut run
	$(BIN)/mutmut results

bench: .venv-bench/installed ## measure beside other tools, for the chapter on scale (minutes)
	env -u PYTHONDONTWRITEBYTECODE $(ONE_THREAD) .venv-bench/bin/python -m bench

grid: .venv-bench/installed ## judge our float derivatives, and others', by closed forms
	$(ONE_THREAD) .venv-bench/bin/python -m bench.grid

sweep: .venv/installed ## run every test, on many more examples and on every link (an hour)
	SWEEP=1 $(PYTEST)

lab: .venv/installed ## open the chapters in JupyterLab
	$(BIN)/jupyter lab chapters

lint: .venv/installed ## check style, types, workflows and what else others read by machine
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/zizmor --quiet --offline --no-progress --min-severity medium .github
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms \
		$(filter-out %/config.yml,$(wildcard .github/ISSUE_TEMPLATE/*))
	$(BIN)/sp-repo-review --show err .

serve: ## serve the built book on this machine, port 8000
	$(PYTHON) -m http.server --bind 127.0.0.1 --directory _build/html

lock: .venv/installed ## refresh requirements.txt from pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --extra book --extra progress --group book --group test --group dev \
		--universal --python-version 3.11 --upgrade --quiet \
		--custom-compile-command "make lock" --output-file requirements.txt

clean: ## remove what was made: books, packages, environments
	rm -rf _build dist mutants .venv .venv-bench

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

.PHONY: help book pdf test fast lowest nightly dist links mutants bench grid sweep lab lint serve lock clean
