# The commands of this checkout, implemented in devtools/ (python -m devtools COMMAND).
.POSIX:
PYTHON = python3
PORT = 5577
STACK = local
ARGS =

DEVTOOLS = $(PYTHON) -B -m devtools

##@ Everyday

help: ## list the commands
	@echo "make COMMAND [PYTHON=python3] [PORT=5577] [STACK=local] [ARGS=...]"
	@sed -n -e 's/^##@ \(.*\)/|\1:/p' -e 's/^\([a-z-]*\):.*## /  \1	/p' Makefile | tr '|' '\n' | expand -t 16

setup: python ## install the virtual environment, the requirements and a Pulumi engine
	@$(DEVTOOLS) setup

up: python ## set up, start the emulator, create the stack's exports, print the outputs
	@$(DEVTOOLS) up --stack="$(STACK)" --port="$(PORT)"

preview: python ## show what `make up` would change
	@$(DEVTOOLS) preview --stack="$(STACK)" --port="$(PORT)"

refresh: python ## check the exports for drift
	@$(DEVTOOLS) refresh --stack="$(STACK)" --port="$(PORT)"

destroy: python ## remove the exports from the state (the objects are retained)
	@$(DEVTOOLS) destroy --stack="$(STACK)" --port="$(PORT)"

env: python ## print the environment for a shell: eval "$(make -s env)"
	@$(DEVTOOLS) env --stack="$(STACK)"

##@ Tests and checks

test: python ## run the tests, four files at a time (ARGS is passed to pytest)
	@$(DEVTOOLS) test -- -n 4 --dist loadfile $(ARGS)

check: python ## check format, lint, types, imports and the documentation site
	@$(DEVTOOLS) check

docs: python ## serve the documentation site on http://127.0.0.1:8000 (ARGS is passed to mkdocs serve)
	@$(DEVTOOLS) docs -- $(ARGS)

test-matrix: python ## run the core tests with other versions (ARGS="--python 3.12 --sdk 3.259.0 --engine 3.274.1")
	@$(DEVTOOLS) test-matrix -- $(ARGS)

audit: python ## look up known vulnerabilities of the locked packages
	@$(DEVTOOLS) audit

##@ Measurements

bench: python ## run the benchmarks (ARGS is passed to benchmarks/run.py)
	@$(DEVTOOLS) bench -- $(ARGS)

mutation: python ## run the tests on mutants of the code (hours; ARGS selects modules, as in ARGS="_export/drift.py")
	@$(DEVTOOLS) mutation -- $(ARGS)

soak: python ## run trials under kills and faults (ARGS is passed to python -m soak)
	@$(DEVTOOLS) soak -- $(ARGS)

##@ Housekeeping

doctor: python ## say what this machine lacks, and which command gets it
	@$(DEVTOOLS) doctor --port="$(PORT)"

clean: python ## stop the emulator, remove .venv and what the stack local made; says what is kept
	@$(DEVTOOLS) clean

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || \
	{ echo "$(PYTHON) is not Python 3.10 or newer: install one, or select it, as in make PYTHON=python3.12 ..." >&2; exit 1; }

.PHONY: help doctor setup up preview refresh destroy test check docs bench soak test-matrix audit mutation clean env python
