# `make test` and `make gate` set up what they need: Python's packages, Node and pnpm from package registries.
.DEFAULT_GOAL := help
SHELL := bash
.SHELLFLAGS := -eo pipefail -c
MAKEFLAGS += --no-print-directory

# Where it is set, each process that imports MLflow compiles it anew, for seconds.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
NODE_TEST := $(shell sed -n 's/^  NODE_TEST: "\(.*\)".*/\1/p' .github/workflows/ci.yml)
LOCKS := PATH=$(CURDIR)/.tools/bin:$$PATH python3 src/gate/locks.py

# Tests wait for a fourth of their time: one more than there are processors.
WORKERS := $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)

# In the workflow the runner's own steps set up Node, and which one is active is the subject.
ifneq ($(GITHUB_ACTIONS),true)
export PATH := $(CURDIR)/.tools/bin:$(PATH)
endif

.PHONY: help setup hooks venv test lint lint-python lint-web lint-workflows test-python test-browser test-web coverage gate e2e run bench lock lock-check scorecard data-age init

help: ## show these targets
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 18

init: ## make this repository yours: NAME=my-app, and as wished REPOSITORY, TITLE, HOLDER, WITHOUT, TEMPLATE
	$(if $(findstring command,$(origin NAME)),,$(error Say the name: make init NAME=my-app))
	@python3 src/template --name="$$NAME" --repository="$$REPOSITORY" --title="$$TITLE" --holder="$$HOLDER" --without="$$WITHOUT" --template="$$TEMPLATE"
	@$(MAKE) lock test

setup: venv .tools/node-$(NODE_TEST) node_modules/.modules.yaml ## .venv, Node and pnpm in .tools, the page's packages

hooks: setup .tools/bin/actionlint ## check each commit before it is made; undone by removing .git/hooks/pre-commit
	@hook="$$(git rev-parse --git-path hooks)/pre-commit"; mkdir -p "$${hook%/*}"; \
	if [ -e "$$hook" ] && ! cmp -s .github/hooks/pre-commit "$$hook"; then \
		echo "$$hook is another hook. Move it away, then run make hooks again." >&2; exit 1; fi; \
	install -m 755 .github/hooks/pre-commit "$$hook"
	@$(BIN)/pre-commit run secrets --files Makefile >/dev/null # compiles its rules once, which takes seconds

test: setup lint test-web test-python coverage ## every lint and test that needs no Sonar server

gate: setup ## ci.yml's main job on this machine, to Sonar's verdict; VERBOSE=1 prints what its steps print
	@$(BIN)/gate run $(if $(VERBOSE),--verbose)

run: setup src/web/dist ## the service and its page, on this machine
	@$(BIN)/python -m tracking

e2e: setup ## what needs a Sonar or an MLflow server: the pipeline and the tracking end to end, and what breaks them
	$(BIN)/pytest tests/e2e --numprocesses=$(WORKERS) --dist=loadgroup

lint: lint-python lint-web lint-workflows ## all linters

lint-python:
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

lint-web:
	pnpm lint
	pnpm typecheck

FORMAT := text

lint-workflows: .tools/bin/actionlint
	.tools/bin/actionlint
	$(BIN)/zizmor --quiet --persona=pedantic --offline .github src/gate/actions
	$(BIN)/verify-runtime timeline --format $(FORMAT)

test-web: ## the page's two suites, and the build
	pnpm test:unit
	pnpm test:component
	pnpm build

test-python: .tools/bin/actionlint .tools/node-$(NODE_TEST) # the commit hooks are tested with what they run
	$(BIN)/pytest --ignore=tests/e2e --ignore=tests/browser --numprocesses=$(WORKERS) --cov --cov-report=xml
	@$(MAKE) test-browser # Playwright's loop and asyncio.run do not go together in one process

test-browser: ## the built page in Chromium, through the real service and MLflow; skipped where there is no Chromium
	$(BIN)/pytest tests/browser --numprocesses=2 -rfE

coverage: ## merge the page's coverage, and check both reports before Sonar reads them
	pnpm coverage
	@$(BIN)/gate coverage

bench: setup ## the figures of the README
	for script in bench/*.py; do $(BIN)/python -P $$script; done # -P: a script may have a package's name

lock: ## compile requirements.txt and pnpm-lock.yaml again; what they pin stays where it fits
	@python3 src/gate/bootstrap.py uv
	@$(LOCKS) compile python
	@$(MAKE) venv .tools/node-$(NODE_TEST)
	@$(LOCKS) compile page

lock-check: ## are both locks what pyproject.toml and package.json ask for?
	@python3 src/gate/bootstrap.py uv
	@$(LOCKS) check python
	@$(MAKE) venv .tools/node-$(NODE_TEST)
	@$(LOCKS) check page

scorecard: setup .tools/bin/scorecard ## OpenSSF Scorecard on this folder; its first run builds it, in ten minutes
	$(BIN)/pytest tests/workflows/test_scorecard.py

data-age: venv ## the tables of versions that were read more than 90 days ago
	@$(BIN)/python -m verify_runtime.timeline.ages src

venv:
	@python3 src/gate/bootstrap.py

.tools/node-$(NODE_TEST): src/gate/data/toolchain.toml package.json
	@$(BIN)/gate toolchain $(NODE_TEST)
	@rm -f .tools/node-* && touch $@

# Built as go.sum has it: Go refuses a module whose hash is another.
.tools/bin/actionlint: .github/tools/go.mod .github/tools/go.sum
	cd .github/tools && GOTOOLCHAIN=local GOBIN=$(CURDIR)/.tools/bin $(CURDIR)/$(BIN)/go install -mod=readonly tool
	@touch $@

# No go.sum here: its 240 modules would be the team's to keep. Go asks its checksum database for them instead.
.tools/bin/scorecard:
	folder=$$(mktemp -d) && trap "rm -rf $$folder" EXIT && cd $$folder && \
	printf 'module scorecard\ngo 1.25.6\nrequire github.com/ossf/scorecard/v5 v5.5.0\n' >go.mod && \
	GOTOOLCHAIN=local $(CURDIR)/$(BIN)/go build -mod=mod -o $(CURDIR)/$@ github.com/ossf/scorecard/v5

node_modules/.modules.yaml: pnpm-lock.yaml pnpm-workspace.yaml package.json
	pnpm install --frozen-lockfile
	@touch $@

src/web/dist: $(shell find src/web -path src/web/dist -prune -o -type f -print 2>/dev/null)
	pnpm build
	@touch $@
