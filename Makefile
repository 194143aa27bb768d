# Tradepost's face. Each target sets itself up on a fresh machine; see README.md.
.PHONY: demo test check bench browser faults setup setup-test pins

ARGS ?=
PYTEST ?=

demo: setup
	.venv/bin/tradepost demo $(ARGS)

test: setup-test
	.venv/bin/python scripts/web test
	.venv/bin/python -m pytest -n 2 --dist loadfile -m "not faults and not browser" $(PYTEST)
	.venv/bin/python -m pytest -m browser $(PYTEST)
	.venv/bin/python -m pytest -n 2 --dist loadfile -m faults $(PYTEST)

check: setup-test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	scripts/check-tree
	.venv/bin/python scripts/audit.py
	.venv/bin/python scripts/web check

# Only the screens in headless Chromium, against gateway, register and API; part of make test.
browser: setup-test
	.venv/bin/python scripts/web packages
	.venv/bin/python -m pytest -m browser $(PYTEST)

# The campaign: everything that can befall a shop, for as long as you like: make faults ARGS="--minutes 60 --hits 500
# --sales 100000 --seed 7 --write". A small piece of it is in make test; docs/faults.md is its table.
faults: setup-test
	.venv/bin/python -m tests.faults $(ARGS)

bench: setup-test
	.venv/bin/python -m bench $(ARGS)

setup:
	@scripts/setup run

setup-test:
	@scripts/setup test

# After a change of dependencies in pyproject.toml. Needs uv (pip install uv); names no index.
pins:
	scripts/pins
