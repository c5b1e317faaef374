# make lab     a real answer here, then the quickstart notebook in JupyterLab
# make test    everything that is checked, the tests last
# make lint    style and types only
# make bench   the numbers of the README, measured on this machine
# make build   wheel and sdist, into dist/
# make clean   remove what these have made
#
# LAB_ARGS, PYTEST_ARGS and BENCH_ARGS are passed on.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-print-directory --no-builtin-rules
.DEFAULT_GOAL := help
# The front end is looked at after the environment, whose making builds it.
.NOTPARALLEL:

VENV := .venv
PY := $(VENV)/bin/python
# ipykernel in the versions that the environment does not have itself, for tests/kernel.
KERNELS := .cache/kernels
KERNEL_VERSIONS := 6.29.5 7.1.0
export PARLLAMA_NB_KERNELS ?= $(CURDIR)/$(KERNELS)

# uv, of PATH or of the environment: pip looks for minutes for what fits together.
UV = $(firstword $(shell command -v uv || ls $(VENV)/bin/uv 2>/dev/null))
venv = $(if $(UV),$(UV) venv --quiet --allow-existing --python $(1),$(1) -m venv) $(2)
install = $(UV) pip install --quiet --python $(1)

PROJECT := pyproject.toml hatch_build.py
FRONT_END := parllama_nb/widgets/static/manifest.json
FRONT_END_SOURCES := $(shell find js/src -type f 2>/dev/null) \
	$(wildcard js/*.json js/*.js js/*.mjs js/*.ts)
NPM := $(PY) hatch_build.py npm
NODE_MODULES := js/node_modules/.package-lock.json

say = @printf '\033[1m%s\033[0m\n' '$(1)'

.PHONY: help lab test lint bench build clean checks kernels browser

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

# --- what the verbs stand on ---------------------------------------------------------

$(PY):
	$(call say,Making the environment $(VENV))
	@python=; \
	for each in python3 python3.13 python3.12 python3.11 python; do \
	  ! $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { python=$$each; break; }; \
	done; \
	$(if $(UV),python=$${python:-3.11},\
	  [ -n "$$python" ] || { echo 'Python 3.11 or newer is needed.' >&2; exit 1; }); \
	$(call venv,$$python,$(VENV))

# An environment that uv has made holds no pip, should uv be gone by now.
$(VENV)/.uv: | $(PY)
	@$(if $(UV),:,$(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip)
	@$(if $(UV),:,$(PY) -m pip install --quiet --disable-pip-version-check uv)
	@touch $@

# An editable install builds the front end too: see hatch_build.py.
$(VENV)/.lab: $(PROJECT) | $(VENV)/.uv
	$(call say,Installing parllama_nb and JupyterLab into $(VENV))
	@$(call install,$(PY)) --editable '.[lab]'
	@touch $@

$(VENV)/.dev: $(PROJECT) | $(VENV)/.uv
	$(call say,Installing parllama_nb and all that its tests need into $(VENV))
	@$(call install,$(PY)) --editable '.[dev]'
	@touch $@ $(VENV)/.lab

# For changes that came after the environment was made.
$(FRONT_END): $(FRONT_END_SOURCES) | $(VENV)/.uv
	$(call say,Building the front end)
	@$(call install,$(PY)) --reinstall-package parllama_nb --no-deps --editable .

$(NODE_MODULES): js/package-lock.json
	$(call say,Installing what the front end is built and tested with)
	@$(NPM) ci --no-audit --no-fund
	@touch $@

$(KERNELS)/%/.ready: $(PROJECT)
	$(call say,Making an environment with ipykernel $*)
	@mkdir -p $(@D)
	@$(call venv,$(PY),$(@D))
	@$(call install,$(@D)/bin/python) --editable . 'ipykernel==$*' nbclient
	@touch $@

kernels: $(KERNEL_VERSIONS:%=$(KERNELS)/%/.ready)

# A machine of CI gets the one without a window, whose pages cost half as much; elsewhere
# any that is there will do.
browser:
	@there() { for each in $$1; do ! command -v $$each >/dev/null || return 0; done; return 1; }; \
	full='chromium chromium-browser google-chrome google-chrome-stable'; \
	! there chromium-headless-shell || exit 0; \
	[ -n "$${CI:-}" ] || ! there "$$full" || exit 0; \
	as_root=; [ "$$(id -u)" = 0 ] || as_root='sudo -n'; \
	if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then \
	  echo 'Installing Chromium for the browser tests (apt-get)'; \
	  $$as_root apt-get update -qq; \
	  for each in chromium-headless-shell chromium; do \
	    ! $$as_root env DEBIAN_FRONTEND=noninteractive \
	      apt-get install -y -qq --no-install-recommends $$each >/dev/null || exit 0; \
	  done; \
	  there "$$full"; \
	elif ! there "$$full"; then \
	  echo 'Installing Chromium for the browser tests (playwright)'; \
	  $(PY) -m playwright install chromium; \
	fi

# --- the verbs -----------------------------------------------------------------------

define ASK
import parllama_nb as pl

question = "In one sentence: what is a notebook?"
print(f"embedded/smollm2, asked {question!r}:", end="\n  ", flush=True)
for text in pl.stream(question, model="embedded/smollm2"):
    print(text, end="", flush=True)
print()
endef
export ASK

NOTEBOOK := notebooks/quickstart.ipynb
# Without a display a browser could only be a text one, in this terminal.
NO_BROWSER := $(if $(filter Linux,$(shell uname)),\
	$(if $(DISPLAY)$(WAYLAND_DISPLAY)$(BROWSER),,--no-browser))

lab: $(VENV)/.lab $(FRONT_END)
	$(call say,Fetching the demo model unless it is here (90 MB))
	@$(PY) -m parllama_nb.providers.embedded smollm2
	$(call say,Asking it)
	@$(PY) -c "$$ASK"
	$(call say,Starting JupyterLab on $(NOTEBOOK) (Ctrl-C ends it))
	@exec $(PY) -m jupyter lab $(NO_BROWSER) $(if $(filter 0,$(shell id -u)),--allow-root) \
	  --LabApp.default_url=/lab/tree/$(NOTEBOOK) $(LAB_ARGS)

lint: $(VENV)/.dev $(NODE_MODULES)
	$(call say,Python: style)
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	$(call say,Python: types)
	@$(PY) -m mypy
	$(call say,TypeScript: style and types)
	@$(NPM) run --silent check

# Types of Python take one core, a minute of it at the first time: what else there is to
# look at is looked at meanwhile, and shown first.
checks: $(VENV)/.dev $(FRONT_END) $(NODE_MODULES) kernels browser
	@log=$$(mktemp); status=0; \
	$(MAKE) lint >"$$log" 2>&1 & lint=$$!; \
	trap 'kill "$$lint" 2>/dev/null || :; rm -f "$$log"' EXIT; \
	printf '\033[1m%s\033[0m\n' 'TypeScript: tests'; \
	$(NPM) test --silent || status=$$?; \
	wait "$$lint" || status=$$?; \
	cat "$$log"; exit "$$status"

test: checks
	$(call say,Python: tests)
	@$(PY) -m pytest -n 2 $(PYTEST_ARGS)

bench: $(VENV)/.dev $(FRONT_END) browser
	@$(PY) -m tests.bench $(BENCH_ARGS)

build: $(VENV)/.dev
	$(call say,Building dist/)
	@$(PY) -m hatchling build

clean:
	$(call say,Removing $(VENV) and all that was built)
	@rm -rf $(VENV) .cache dist js/node_modules parllama_nb/widgets/static
	@rm -rf .pytest_cache .ruff_cache .mypy_cache
	@find parllama_nb tests -name __pycache__ -prune -exec rm -rf {} +
