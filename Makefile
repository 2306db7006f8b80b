# Every target does its own set-up: only make and Python 3.11 or newer have to be there. `make help` lists the targets.
STACK ?= dev
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
LATENCY_SECONDS ?= 1

BIN := .venv/bin
# A stack with an edge, a SageMaker origin or a cloud's Redis registers resources of a cloud: it needs that SDK also on
# one machine.
OF_A_CLOUD := [ {](provider: *(cloudfront|media-cdn|cloud-cdn|elasticache|memorystore)|sagemaker:)
DEMO_NEEDS := .venv/installed-$(if $(shell grep -lsE '$(OF_A_CLOUD)' Pulumi.$(STACK).yaml),run,local)
# Compiled modules are kept: without them every start of a command compiles its packages again.
unexport PYTHONDONTWRITEBYTECODE
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: demo local up preview refresh destroy check status plan warm purge schema docs bench test pytest lint types clean help
.DELETE_ON_ERROR:
.NOTPARALLEL:

demo: $(DEMO_NEEDS)  ## the main job, end to end: measure, compare every answer, roll out, destroy
	$(BIN)/python -m local.demo --stack $(STACK) --latency-seconds $(LATENCY_SECONDS)

local: .venv/installed-local  ## the local world (gateway, model or replicas, edge) on the stack's ports, until Ctrl-C
	$(BIN)/python -m local --stack $(STACK) --latency-seconds $(LATENCY_SECONDS)

up preview refresh destroy: .venv/installed-run  ## deploy STACK (default dev), or one of the other operations
	$(BIN)/python -m $(OPERATION) --stack $(STACK)

OPERATION = local.deploy $@
# What the workflow of pull requests checks, here and without an account: make preview STACK=prod CI=1. Compared with
# what is deployed here or would be from BASE (default origin/main); ALLOW="name name" lets stateful resources go.
ifeq ($(CI),1)
preview: lint types pytest
preview: OPERATION = ops.preview_gate --base "$(BASE)" --allow "$(ALLOW)"
endif

check: .venv/installed-run  ## ask the gateway of STACK whether it is fit for a deployment
	$(BIN)/python -m ops check --stack $(STACK)

status: .venv/installed-run  ## what the cache of each model of STACK does, saves and gets wrong
	@$(BIN)/python -m ops status --stack $(STACK)

plan: .venv/installed-local  ## what a cache would have saved: LOG=requests.jsonl [STACK=, for its prices]
	@test -n "$(LOG)" || { echo "name the log: make plan LOG=requests.jsonl" >&2; exit 2; }
	@$(BIN)/python -m ops plan "$(LOG)" $(if $(filter command line,$(origin STACK)),--stack "$(STACK)")

warm: .venv/installed-run  ## ask MODEL the most valuable questions: FROM=requests.jsonl [CALLER= TOP= RATE= URL=]
	@test -n "$(MODEL)" -a -n "$(FROM)" || { echo "make warm STACK=$(STACK) MODEL=digits FROM=requests.jsonl" >&2; exit 2; }
	@$(BIN)/python -m ops warm --stack $(STACK) --model "$(MODEL)" $(if $(RATE),--rate "$(RATE)") \
	  $(if $(TOP),--top "$(TOP)") $(if $(CALLER),--caller "$(CALLER)") $(if $(URL),--url "$(URL)") "$(FROM)"

purge: .venv/installed-run  ## never give the present answers of MODEL again; with INPUT=file only those to one question
	@test -n "$(MODEL)" || { echo "name the model: make purge STACK=$(STACK) MODEL=digits" >&2; exit 2; }
	@$(BIN)/python -m ops purge --stack $(STACK) --model "$(MODEL)" $(if $(INPUT),--input "$(INPUT)") $(if $(OLD),--old) \
	  $(if $(LIMIT_SECONDS),--limit-seconds "$(LIMIT_SECONDS)")

schema: .venv/installed-local  ## write the JSON Schema of the stack config, for editors
	$(BIN)/python -m settings --schema

docs: .venv/installed-local  ## write the pages of docs/ and the dashboard that are generated
	$(BIN)/python -m docs.generate
	$(BIN)/python -m ops.dashboards

bench: .venv/installed-local  ## what each part costs on this machine; out/bench.json
	$(BIN)/python -m local.bench

test: .venv/installed-dev lint types pytest  ## lint, types and all tests

pytest: .venv/installed-dev
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

lint: .venv/installed-dev  ## ruff
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/installed-dev  ## pyright
	$(BIN)/pyright

clean:  ## remove what was installed and written here; refuses while a stack is deployed
	@if ls .state/*.engine >/dev/null 2>&1; then \
	  echo "still deployed: $$(cd .state && ls *.engine | sed 's/[.]engine//' | tr '\n' ' ')- destroy first: make destroy STACK=..." >&2; \
	  exit 1; fi
	rm -rf .venv .state out .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## this list
	@awk -F ':.*## ' '/^[a-z].*## / { printf "  make %-34s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.venv/bin/python:
	@test -n "$(PYTHON)" || { \
	  echo "there is no Python 3.11 or newer on PATH: install it, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@echo "creating .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "the venv module is needed (Debian: python3-venv)" >&2; exit 1; }

define install
	@echo "installing $(1)"
	@$(BIN)/pip install --no-compile --quiet $(foreach file,$(2),-r $(file))
	@touch $@
endef

.venv/installed-local: requirements.txt requirements-local.txt | .venv/bin/python
	$(call install,what the local world needs (350 MB),requirements-local.txt)

.venv/installed-run: requirements.txt requirements-local.txt | .venv/bin/python
	$(call install,the program with the SDKs of both clouds (610 MB),requirements.txt requirements-local.txt)

.venv/installed-dev: requirements.txt requirements-local.txt requirements-dev.txt | .venv/bin/python
	$(call install,everything for development and tests (880 MB),requirements-dev.txt)
