# The commands of this checkout; what they do is in devtools/ (python -m devtools COMMAND).
.POSIX:
PYTHON = python3
PORT = 5577
STACK = local
ARGS =

DEVTOOLS = $(PYTHON) -B -m devtools

help: ## this list
	@echo "make COMMAND [PYTHON=python3] [PORT=5577] [STACK=local] [ARGS=...]"
	@sed -n 's/^\([a-z]*\):.*## /  \1	/p' Makefile

setup: python ## get everything that is needed: virtual environment, requirements, a Pulumi engine
	@$(DEVTOOLS) setup

up: python ## set up, start the emulator, export what the stack declares, print the outputs
	@$(DEVTOOLS) up --stack "$(STACK)" --port "$(PORT)"

preview: python ## show what `make up` would change
	@$(DEVTOOLS) preview --stack "$(STACK)" --port "$(PORT)"

refresh: python ## look whether the exports are still there
	@$(DEVTOOLS) refresh --stack "$(STACK)" --port "$(PORT)"

destroy: python ## forget the exports (the objects stay)
	@$(DEVTOOLS) destroy --stack "$(STACK)" --port "$(PORT)"

test: python ## run the tests, two files at a time (ARGS is handed on to pytest)
	@$(DEVTOOLS) test -- -n 2 --dist loadfile $(ARGS)

check: python ## format, lint and types
	@$(DEVTOOLS) check

bench: python ## measure (ARGS is handed on to benchmarks/run.py)
	@$(DEVTOOLS) bench -- $(ARGS)

clean: python ## stop the emulator, remove .local and .venv; the engine's cache stays
	@$(DEVTOOLS) clean

env: python ## lines for a shell: eval "$$(make -s env)"
	@$(DEVTOOLS) env

python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || \
	{ echo "$(PYTHON) is not Python 3.10 or newer: install one, or name it, as in make PYTHON=python3.12 ..." >&2; exit 1; }

.PHONY: help setup up preview refresh destroy test check bench clean env python
