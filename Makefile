# `make lab` opens the course, `make test` checks all of it, `make help` lists the rest.

# The first of these that is Python 3.11 to 3.13 makes the virtual environment.
PYTHON ?= python3 python3.13 python3.12 python3.11
START ?= notebooks/en/05_practice.ipynb
NOTEBOOKS ?= $(wildcard notebooks/*/*.ipynb)

VENV := .venv
RUN := $(VENV)/bin/python
PIP_INSTALL := $(RUN) -m pip install --quiet --disable-pip-version-check --constraint .ci/constraints.txt
LOCK := pyproject.toml .ci/constraints.txt

# JupyterLab wants to be told that root is meant, as in a container.
ALLOW_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

# The course's matrices are small: a second BLAS thread mostly waits.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.DEFAULT_GOAL := help
.PHONY: help lab test lint unit outputs format notebooks benchmark catalogue binder-link clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: $(VENV)/lab.stamp ## open the course in JupyterLab
	$(RUN) -m jupyterlab $(ALLOW_ROOT) --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/$(START)

test: lint unit outputs ## check everything: lint, unit and browser tests, notebook outputs

lint: $(VENV)/test.stamp ## check style and common mistakes
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check

unit: $(VENV)/test.stamp ## run the unit tests and the browser test, with the core's coverage
	$(RUN) -m pytest tests -n2 --dist=loadfile --cov

outputs: $(VENV)/test.stamp ## run every notebook and compare each output with the stored one
	$(if $(NOTEBOOKS),$(RUN) -m pytest @tests/nbval.args $(NOTEBOOKS),@echo "outputs: no notebooks yet")

format: $(VENV)/test.stamp ## put code and notebooks into the project's style
	$(RUN) -m ruff check --fix
	$(RUN) -m ruff format

notebooks: $(VENV)/test.stamp ## run the notebooks on new kernels and store their outputs
	$(RUN) .ci/execute_notebooks.py $(NOTEBOOKS)

benchmark: $(VENV)/test.stamp ## measure the engine against plain NumPy and each installed framework, and the training lab
	$(RUN) -m tests.benchmarks.engine
	$(RUN) -m tests.benchmarks.lab_speed

catalogue: $(VENV)/test.stamp ## collect the library's sentences for translators
	$(RUN) .ci/catalogue.py

binder-link: $(VENV)/lab.stamp ## print links that open this repository on Binder
	@$(RUN) .ci/binder_link.py

clean: ## remove the virtual environment and all caches
	rm -rf $(VENV) build *.egg-info binder/*.egg-info .coverage .hypothesis .pytest_cache .ruff_cache
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf

$(RUN):
	@.ci/make_venv $(VENV) $(PYTHON)

$(VENV)/lab.stamp: $(LOCK) | $(RUN)
	@echo "Installing the course into $(VENV) (once, about 400 MB)"
	@$(PIP_INSTALL) --editable .
	@touch $@

$(VENV)/test.stamp: $(LOCK) | $(RUN)
	@echo "Installing the course and its tests into $(VENV) (once, about 600 MB)"
	@$(PIP_INSTALL) --editable '.[test]'
	@touch $(VENV)/lab.stamp $@
