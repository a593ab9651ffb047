# `make help` prints the comment that follows each target's name.

SHELL := /bin/bash
.DEFAULT_GOAL := help

# The settings of this checkout, whatever the caller's shell has for other projects; how things look stays the caller's choice.
theirs := ANSIBLE_FORCE_COLOR ANSIBLE_NOCOLOR ANSIBLE_VERBOSITY ANSIBLE_VAULT_PASSWORD_FILE ANSIBLE_KEEP_REMOTE_FILES
$(foreach name,$(filter-out $(theirs),$(filter ANSIBLE_%,$(.VARIABLES))),$(eval unexport $(name)))
export ANSIBLE_CONFIG := $(CURDIR)/ansible.cfg
export PATH := $(CURDIR)/.venv/bin:$(PATH)
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV

STAGES := lint unit sanity junit integration e2e cluster docs
gate := python tests/tooling/gate.py

.PHONY: help
help: ## Say what each target does
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  \1\t\2/p' Makefile | expand -t 16
	@echo
	@echo '  ARGS="..." goes to the playbooks, or to pytest in unit, integration, e2e, cluster and bench.'

.PHONY: run
run: ready ## Build the pipeline on this machine and follow Loggy through it
	ansible-playbook site.yml $(ARGS)
	ansible-playbook verify-loggy.yml $(ARGS)

.PHONY: purge
purge: ready ## Take the pipeline away again
	ansible-playbook purge.yml $(ARGS)

.PHONY: plugins
plugins: ready ## Build the connectors' jars into connect-plugins/*/target/plugin
	mvn -B -q -f connect-plugins/pom.xml -DskipTests package

.PHONY: test
test: ready-dev ## Run everything that CI runs; STAGES="lint unit" for some of it
	@$(gate) $(STAGES)

.PHONY: format
format: ready-dev ## Put the Python code into its one form
	ruff format .
	ruff check --fix .

.PHONY: lint unit sanity junit integration e2e cluster
lint: ## Check form, types, layers, YAML, playbooks and roles
unit: ## Run the unit tests
sanity: ## Ask ansible-test, Galaxy's importer and other Ansibles about the built collection
junit: ## Build the connectors and run their JUnit tests
integration: ## Run the tests that start real services
e2e: ## Run the playbooks as a user does, and break things
cluster: ## Run the playbooks on a Kubernetes of one node, which is started for it
lint unit sanity junit integration e2e cluster: ready-dev
	@$(gate) $@ -- $(ARGS)

.PHONY: cluster-up cluster-down
cluster-up: ready-dev ## Start a Kubernetes of one node (root, Debian); the first time it is built
	@python -m tests.cluster up
cluster-down: ready-dev ## Stop it; the next start goes on where it was
	@python -m tests.cluster down

.PHONY: docs
docs: ready-dev ## Write what is generated anew (pages of docs, README's tables, dashboards), and the site into build/docs
	@python -m tests.tooling.variables --write
	@python -m tests.tooling.messages --write
	@python -m tests.tooling.readme --write
	@python -m tests.tooling.dashboards --write
	@$(gate) docs

.PHONY: bench
bench: ready-dev ## Measure, beside the raw limits of this machine
	python -m pytest -s tests/bench $(ARGS)

.PHONY: dist
dist: ready-dev ## Build the collection's archive in build/dist: the same bytes from the same commit
	@python tests/tooling/dist.py

.PHONY: pins
pins: ## Write requirements/*.txt anew from *.in
	tests/tooling/pin

.PHONY: clean
clean: ## Remove what the build and the tests left in the checkout; .venv and the pipeline stay
	git clean -Xdfq --exclude='!.venv' --exclude='!.venv/**'

.PHONY: ready ready-dev
ready:
	@scripts/bootstrap run
ready-dev:
	@scripts/bootstrap run dev
