# One list of commands, for people and for CI. `make` alone says what there is.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
PYTHON ?= python3.11
BIN := .venv/bin
UV_VERSION := 0.13.9
STATIC := src/bihuan/show/static/vendor
REV ?= HEAD
export BIHUAN_SHARED ?= ../shared

.PHONY: help install browser demo test search accept lint docs bench bench-peers bench-read lock
help:  ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

# A stamp a step: a second `make install` does nothing. uv lives in a small venv of its own, pinned.
.cache/uv-$(UV_VERSION)/bin/uv:
	$(PYTHON) -m venv .cache/uv-$(UV_VERSION)
	.cache/uv-$(UV_VERSION)/bin/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.cache/python.stamp: requirements.lock pyproject.toml | .cache/uv-$(UV_VERSION)/bin/uv
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$| pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$| pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	touch $@

.cache/web.stamp: package-lock.json scripts/vendor.sh
	npm ci --ignore-scripts --no-audit --no-fund --silent
	scripts/vendor.sh $(STATIC)
	touch $@

install: .cache/python.stamp .cache/web.stamp  ## .venv with the locked dependencies and .venv/bin/bihuan

# Chromium and a Chinese font, for the browser tests and screenshots.
browser:
	@scripts/browser.sh

demo: install  ## start everything on the sample city and print one URL (CHECK=1: verify and exit)
	@if [ -n "$${CHECK:-}" ] || [ ! -t 1 ]; then $(BIN)/bihuan demo --check; else $(BIN)/bihuan demo; fi

lint: install  ## ruff, mypy, import contracts
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

test: lint browser  ## lint, types, all tests, the browser included
	$(BIN)/pytest -m "not accept"

search: install  ## every property on thousands of new examples (a run of `make test` asks the same ones each time)
	$(BIN)/pytest -m "hypothesis and not accept" --hypothesis-profile=search --timeout=3600

accept: install  ## what needs ../shared (seeds, gold): prints the table of figures
	$(BIN)/pytest -m accept

# The peers have an environment of their own: bihuan needs none of them.
.cache/bench-venv.stamp: requirements-bench.txt | .cache/uv-$(UV_VERSION)/bin/uv
	test -x .cache/bench-venv/bin/python || $(PYTHON) -m venv .cache/bench-venv
	$| pip sync --quiet --python .cache/bench-venv/bin/python --require-hashes requirements-bench.txt
	touch $@

bench-peers: .cache/bench-venv.stamp  ## the tools that benchmarks compare with, in their own environment

bench: install bench-peers  ## every benchmark, each beside its peer in the same run
	$(BIN)/python -m benchmarks

bench-read: install  ## what a change of the grammar gained and lost over the whole corpus (REV=main: against another revision)
	$(BIN)/python -m benchmarks.read_gains $(REV)

docs: install  ## the manual, into site/
	$(BIN)/typer bihuan.cli utils docs --name bihuan --title Commands --output docs/reference/commands.md
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

lock: | .cache/uv-$(UV_VERSION)/bin/uv  ## lock versions anew after a change of pyproject.toml
	$| pip compile --quiet --universal --generate-hashes --no-header --all-extras pyproject.toml -o requirements.lock
	$| pip compile --quiet --universal --generate-hashes --no-header requirements-bench.in -o requirements-bench.txt
