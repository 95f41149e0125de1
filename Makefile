# Thin on purpose: each target is one command of the tools in .venv, which tools/setup.py keeps as the lock files say.
PYTHON ?= python3
GATELEG_VENV ?= .venv
BIN := $(GATELEG_VENV)/bin
PORT ?= 4566
# A process a core, four at most: each that needs one starts an embedded AWS of its own. Files in their order, since the long ones come first.
WORKERS ?= auto
SPREAD := -n $(WORKERS) --maxprocesses 4 --dist loadfile --no-loadscope-reorder
QUICK := -m "not slow" --hypothesis-profile quick tests/unit tests/templates
# The file of requirements does not say which ones are direct, of which the tool warns.
SBOM := python -W ignore -m cyclonedx_py requirements requirements.txt --pyproject pyproject.toml --mc-type library --output-reproducible
export GATELEG_VENV
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
# Each of the many processes would compile anew what it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run quick test lint matrix synth docs dist bench soak lock clean setup setup-dev quick-tests

help:  ## what there is to make
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-8s %s\n' "$$name" "$$text"; done

run: setup  ## deploy the chat onto the embedded AWS and serve it until Ctrl-C; another of the services with SERVICE=shop
	@gateleg local up --watch --open --port $(PORT)

quick: setup-dev  ## unit tests, mypy and templates, in three minutes; without pyright and what is marked slow
	@ruff check . && mypy
	@pytest -q $(SPREAD) $(QUICK)

test: lint  ## everything that must hold
	@pytest -q $(SPREAD)

lint: setup-dev  ## style, import contracts, types under both checkers
	@ruff check . && ruff format --check .
	@lint-imports --no-logo --no-cache | tail -n 4  # its cache takes a file that was moved for one that is still there
	@pyright & other=$$!; mypy; status=$$?; wait $$other && exit $$status

matrix: setup-dev  ## the quick tests under every Python from 3.11 on that is here, and under the lowest versions that pyproject.toml promises
	@python -m tools.matrix

quick-tests:
	@$(PYTHON) tools/setup.py $(or $(LOCKS),--dev)
	@pytest -q -p no:cacheprovider $(SPREAD) $(QUICK)

synth: setup  ## the CloudFormation template, as for real AWS
	@cdk synth --quiet && echo "cdk.out holds the assembly"

docs: setup-dev  ## the documentation as a site in site/, after docs/errors.md and docs/reference/ are written anew
	@python -m tools.reference && zensical build --strict --clean && echo "site/index.html is the site"

dist: setup-dev  ## the wheel, the source distribution, and a CycloneDX bill of materials of what requirements.txt locks
	@python -m hatchling build -d dist && $(SBOM) -o dist/gateleg.cdx.json

bench: setup-dev  ## figures against the peers, as ratios of one run
	@python benchmarks/synth.py && python benchmarks/synth.py --functions --routes 100 && python benchmarks/everything.py && python benchmarks/templates.py && python benchmarks/chat.py && python benchmarks/data.py && python benchmarks/posts.py && python benchmarks/cold.py

soak: setup-dev  ## the random tests over a hundred seeds: invariants under faults, programs and killed backfills on both engines, orders, properties, apps, requests
	@GATELEG_SEEDS=100 pytest -q -n $(WORKERS) --maxprocesses 4 tests/integration/invariants tests/integration/store/test_programs.py tests/integration/websocket/test_orders.py tests/property tests/integration/data/test_backfill.py tests/integration/data/test_killed.py tests/e2e/test_generated_apps.py tests/e2e/test_services.py
	@GATELEG_SEEDS=100 pytest -q -n $(WORKERS) --maxprocesses 4 -m hypothesis tests/unit tests/templates tests/integration/transport

lock:  ## resolve the requirements anew
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes tools/uv.in -o tools/uv.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes pyproject.toml requirements.in --extra cdk --extra local --extra testing -c tools/uv.txt -o requirements.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-dev.in -c requirements.txt -o requirements-dev.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes tools/checkov.in -o tools/checkov.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes lambdas/requirements.in -c requirements.txt -o lambdas/requirements.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes --resolution lowest-direct pyproject.toml requirements.in --all-extras --override tools/lowest.in -o tools/lowest.txt
	@uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-dev.in -c tools/lowest.txt -o tools/lowest-dev.txt
	@npm install --package-lock-only --omit-lockfile-registry-resolved --no-audit --no-fund
	@node -e 'const lock = JSON.parse(fs.readFileSync("package-lock.json")); Object.values(lock.packages).forEach(one => delete one.funding); fs.writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n")'

clean:  ## stop the embedded AWS, remove what was made
	@[ ! -x $(BIN)/gateleg ] || $(BIN)/gateleg local down || true
	@rm -rf .venv .venvs node_modules cdk.out .gateleg .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache dist test-results

setup:
	@$(PYTHON) tools/setup.py

setup-dev:
	@$(PYTHON) tools/setup.py --dev
