# Two commands are all it takes: `make grade` and `make test`. Each makes its own virtual environment from
# pinned, hashed requirements; nothing is installed outside this folder.

PYTHON ?= python3
BIN := .venv/bin
ARGS ?=
UNIT := tests/unit tests/test_architecture.py tests/test_habits.py
SUBMISSIONS ?=
AUDITED ?= config.yaml $(patsubst %,examples/%/config.yaml,module1 minitorch-2020 minitorch-2021 micrograd dual-numbers cmu-11785 cse599w needle-hw1 minitorch-module2 cse599w-arrays)

.DEFAULT_GOAL := help
.PHONY: help grade extras handout web gradescope test unit coverage hooks prove lint bench desk scaling audit containment golden template manual docs schemas clean

help: ## show what there is to do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' Makefile

grade: .venv/run.stamp ## grade a class: make grade SUBMISSIONS=folder ARGS="--out reports"
	@$(BIN)/grader grade $(if $(SUBMISSIONS),"$(SUBMISSIONS)") $(ARGS)

extras: .venv/dev.stamp ## install what Dask, Canvas, Gradescope bundles and `--watch` need

handout: .venv/run.stamp ## write what students get: make handout ARGS="-o hw1.zip"
	@$(BIN)/grader bundle student $(ARGS)

# Without ARGS, and in CI, tests are preceded by the linters. Who names a test wants that test.
test: .venv/dev.stamp $(if $(ARGS),$(if $(CI),lint),lint) ## lint and every test; one file, without lint: make test ARGS=tests/unit/test_late.py
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

unit: .venv/dev.stamp ## the quick tests, in half a minute, without lint
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not prove and not ci and not slow" $(UNIT) $(ARGS)

prove: .venv/dev.stamp ## the long proofs: many seeds, every variant, kills, a million inputs
	$(BIN)/python -m pytest -n auto -m 'prove or ci' $(ARGS)

lint: .venv/dev.stamp ## ruff and mypy --strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

coverage: .venv/dev.stamp ## branch coverage of grader/ under the quick tests; fails below the floor in pyproject.toml
	rm -rf build/coverage
	$(BIN)/coverage run -m pytest -n auto --dist worksteal -m "not prove and not ci and not slow" $(UNIT)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report $(ARGS)

hooks: .venv/dev.stamp ## have git check ruff, mypy, YAML and the ends of files at each commit (needs pre-commit)
	@command -v pre-commit >/dev/null || { echo "pre-commit is missing; install it: pipx install pre-commit" >&2; exit 2; }
	pre-commit install

bench: .venv/dev.stamp ## measure beside pytest + Hypothesis; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks $(ARGS)

desk: .venv/dev.stamp ## measure how quick `grader check` is; writes docs/desk.md
	$(BIN)/python -m benchmarks.desk $(ARGS)

scaling: .venv/dev.stamp ## measure classes of 10 to 10,000; writes docs/scaling.md
	$(BIN)/python -m benchmarks.scaling $(ARGS)

audit: .venv/run.stamp ## prove that every exercise catches mistakes: make audit ARGS="square log"
	@for config in $(AUDITED); do \
	  echo "$$config" && $(BIN)/grader audit --config $$config $(ARGS) || exit 1; echo; done

golden: .venv/dev.stamp ## write anew what students of the sample classes are shown
	$(BIN)/python -m tests.golden

containment: .venv/dev.stamp ## try every attack everywhere; writes the table in docs/containment.md
	$(BIN)/python -m tests.sandbox.table

template: .venv/run.stamp ## write student_template/ from reference/
	$(BIN)/grader template $(ARGS)

manual: .venv/dev.stamp ## write docs/reference/ from the code
	@$(BIN)/python -m tests.manual

docs: .venv/docs.stamp ## build the documentation as a site, in build/site
	@NO_MKDOCS_2_WARNING=1 .venv/docs/bin/mkdocs build --strict && echo "written: build/site/index.html"

schemas: .venv/run.stamp ## write docs/schemas/ from the code
	for of in exercise config result; do $(BIN)/grader schema $$of > docs/schemas/$$of.json || exit 1; done

web: .venv/run.stamp ## write the page that checks in a browser, into web/ (needs npm): make web ARGS="-o site"
	@$(BIN)/grader bundle web $(ARGS)

gradescope: .venv/run.stamp ## make autograder.zip for Gradescope: make gradescope ARGS="--config config.yaml"
	@$(BIN)/grader bundle gradescope -o autograder.zip $(ARGS)

clean: ## remove everything that was made, but for reports/
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/docs.stamp: .venv/made.stamp requirements/docs.lock
	@echo "installing what the documentation is built with" >&2
	@$(PYTHON) -m venv --clear .venv/docs
	@.venv/docs/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/docs.lock
	@touch $@

# pip stays quiet unless it fails; --no-build-isolation builds with the hatchling that the lock pins. What is editable it
# does not compile, and sandboxed processes write nothing: hence compileall.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.venv/made.stamp:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' \
	  || { echo "Python 3.10 or newer is needed; name one: make PYTHON=python3.12" >&2; exit 2; }
	@echo "making .venv with $$($(PYTHON) --version)" >&2
	@$(PYTHON) -m venv --clear .venv \
	  || { echo "the venv module is missing (Debian, Ubuntu: apt-get install python3-venv)" >&2; exit 2; }
	@touch $@

.venv/run.stamp: .venv/made.stamp requirements/run.lock pyproject.toml
	@echo "installing the pinned requirements" >&2
	@$(INSTALL) --require-hashes -r requirements/run.lock
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q grader
	@touch $@

.venv/dev.stamp: .venv/run.stamp requirements/dev.lock
	@echo "installing the developer's requirements" >&2
	@$(INSTALL) --require-hashes -r requirements/dev.lock
	@touch $@
