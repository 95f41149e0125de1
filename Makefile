# Thin on purpose: each target is one command of the tools in .venv, which tools/setup.py keeps as the lock files say.
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 4566
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)

.PHONY: run test lint synth bench soak lock clean setup setup-dev

run: setup  ## deploy the chat backend onto the embedded AWS and serve it until Ctrl-C
	@gateleg local up --watch --open --port $(PORT)

test: lint  ## everything that must hold
	@pytest -q

lint: setup-dev  ## style, import contracts, types under both checkers
	@ruff check . && ruff format --check .
	@lint-imports --no-logo | tail -n 4
	@mypy
	@pyright

synth: setup  ## the CloudFormation template, as for real AWS
	@cdk synth --quiet && echo "cdk.out holds the assembly"

bench: setup-dev  ## figures against the peers, as ratios of one run
	@python benchmarks/synth.py && python benchmarks/templates.py && python benchmarks/chat.py && python benchmarks/data.py

soak: setup-dev  ## the invariants under faults, and random programs, over a hundred seeds on both engines
	@GATELEG_SEEDS=100 pytest -q tests/integration/invariants tests/integration/store/test_programs.py

lock:  ## resolve the requirements anew
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes tools/uv.in -o tools/uv.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes pyproject.toml requirements.in --extra cdk --extra local --extra testing -c tools/uv.txt -o requirements.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-dev.in -c requirements.txt -o requirements-dev.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes lambdas/requirements.in -c requirements.txt -o lambdas/requirements.txt
	@npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund

clean:  ## stop the embedded AWS, remove what was made
	@[ ! -x $(BIN)/gateleg ] || $(BIN)/gateleg local down || true
	@rm -rf .venv node_modules cdk.out .gateleg .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist test-results

setup:
	@$(PYTHON) tools/setup.py

setup-dev:
	@$(PYTHON) tools/setup.py --dev
