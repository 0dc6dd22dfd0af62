# Two commands do everything on a machine that has Python, its venv module, git and make:
#   make demo   installs into .venv and scans examples/lab
#   make test   installs into .venv-test and runs format check, lint, types and tests
PYTHON ?= python3
DEMO := .venv
TEST := .venv-test

.PHONY: demo test check-format lint types pytest bench oracle docs clean

demo: $(DEMO)/.done
	$(DEMO)/bin/mlsec-lint scan examples/lab || test $$? -eq 1

$(DEMO)/.done: pyproject.toml
	$(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(TEST)/.done: pyproject.toml
	$(PYTHON) -m venv $(TEST)
	$(TEST)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
	touch $@

test: check-format lint types pytest

check-format: $(TEST)/.done
	$(TEST)/bin/ruff format --check .

lint: $(TEST)/.done
	$(TEST)/bin/ruff check .

types: $(TEST)/.done
	$(TEST)/bin/mypy

pytest: $(TEST)/.done
	$(TEST)/bin/python -m pytest -n auto

bench: $(TEST)/.done
	$(TEST)/bin/python bench/bench.py $(ARGS)

oracle: $(TEST)/.done
	$(TEST)/bin/python bench/oracle.py

docs: $(TEST)/.done
	$(TEST)/bin/mlsec-lint explain --write docs/rules

clean:
	rm -rf $(DEMO) $(TEST) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
