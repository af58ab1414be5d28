# `make lab` opens the course, `make test` checks all of it, `make help` lists the rest.

# The first of these that is Python 3.11 or newer makes the virtual environment.
PYTHON ?= python3 python3.15 python3.14 python3.13 python3.12 python3.11
# The course opens in the language of the reader's locale; START names any notebook of either.
EDITION := $(if $(filter zh%,$(or $(LC_ALL),$(LC_MESSAGES),$(LANG))),zh,en)
START ?= notebooks/$(EDITION)/00_start_here.ipynb
NOTEBOOKS ?= $(wildcard notebooks/*/*.ipynb)
CHAPTER ?= $(wildcard notebooks/en/*.ipynb)

# Where the course's conda environment is active, `make` uses it, with the versions that conda has chosen.
CONDA := $(if $(filter backprop-course,$(CONDA_DEFAULT_ENV)),$(CONDA_PREFIX))
VENV := $(or $(CONDA),.venv)
RUN := $(VENV)/bin/python
CONSTRAINTS := $(if $(CONDA),/dev/null,.ci/constraints.txt)
# What follows is the environment's folder, and what `pip install` takes.
INSTALL := .ci/install "$(PYTHON)"
# What an environment of tests holds, by the hash of each archive; `make locks` writes the list. pip takes no hashes for a
# folder, so the course itself comes after it, and is built by the setuptools that is there.
LOCKED := --no-deps --require-hashes --requirement
BUILT := --no-build-isolation --editable
COMPILE := uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate \
	--custom-compile-command "make locks" --constraint .ci/constraints.txt $(if $(UPGRADE),--upgrade)
BESIDES_THE_TESTS = $$(sed -n 's/==.*//; s/^[a-z]/--no-emit-package &/p' .ci/lock.txt)
# The server sends small messages at once, and JupyterLab asks no reader about its news; pip leaves such files out of an
# editable installation.
TELL_SERVER := mkdir -p $(VENV)/etc/jupyter/jupyter_server_config.d $(VENV)/share/jupyter/lab/settings && \
	cp binder/course_server/backprop_course.json $(VENV)/etc/jupyter/jupyter_server_config.d && \
	cp binder/lab_settings/overrides.json $(VENV)/share/jupyter/lab/settings
# nbval compares texts; the module compares the pictures.
NBVAL := -p tests.stored_pictures @tests/nbval.args
DENO := DENO_NO_UPDATE_CHECK=1 $(VENV)/bin/deno
JAVASCRIPT := $(shell find course_lib .ci -name '*.js')
LOCK := pyproject.toml $(filter-out /dev/null,$(CONSTRAINTS))
UNIT := tests -m "not slow"

# PyTorch, TensorFlow and JAX are large, and the course runs without them: they get an environment of their own.
FRAMEWORKS := .venv-frameworks
WITH_FRAMEWORKS := $(FRAMEWORKS)/bin/python
FIND_TENSORFLOW := __import__('importlib.util').util.find_spec('tensorflow')
FRAMEWORK_TESTS := $(addprefix tests/,$(addprefix core/test_,frameworks.py frameworks_record.py torch.py tensorflow.py benchmarks.py) \
	$(addprefix chapters/test_,chapter07.py chapter07b.py) $(addprefix labs/test_,autograd_model.py autograd_lab.py speed_model.py speed_lab.py))

# Sphinx makes the website of the stored outputs, and of recordings that the course has made: it does not need the course itself.
SITE := .venv-site
WITH_SPHINX := $(SITE)/bin/python

# A JupyterHub as well, with the proxy that npm has of it: .ci/proxy names its version, and the hash of each archive.
CLASS := .venv-class
WITH_CLASS := $(CLASS)/bin/python

# nbgrader, whose gradebook a class's results can go into.
BOOK := .venv-nbgrader
WITH_NBGRADER := $(BOOK)/bin/python

# JupyterLite is a JupyterLab of its own.
LITE := .venv-lite
WITH_LITE := PYTHONPATH=.ci $(LITE)/bin/python

# The ends of pyproject's ranges get one each, too. What is about JupyterLab itself, or about .ci/constraints.txt, is not run there.
ENDS := .venv-oldest .venv-newest
AT_AN_END := UNIT="tests -m 'not slow' --ignore=tests/browser/test_browser_everywhere.py \
	--deselect=tests/house/test_packaging.py::test_the_constraints_hold_all_that_is_installed_and_nothing_else" unit outputs

# JupyterLab wants to be told that root is meant, as in a container.
ALLOW_ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)

# The course's matrices are small: a second BLAS thread mostly waits.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
# Containers often tell Python to keep no compiled modules: then each worker and each kernel would compile all of them again.
export PYTHONDONTWRITEBYTECODE :=

# The folder of a class's answers files.
CLASS_FILES = "$(or $(FOLDER),$(error FOLDER=... names the folder of the students' files))"

.DEFAULT_GOAL := help
.PHONY: help lab test test-all pool core test-frameworks lite test-lite test-class test-nbgrader class test-oldest test-newest site test-site locks lint unit outputs format notebooks slides html pdf projector handout sheets worksheets pictures record-frameworks record-trees benchmark robustness claims again catalogue minutes translation font binder-link links outside-links results board clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lab: export COURSE_EXAM := $(or $(EXAM),$(COURSE_EXAM))
lab: $(VENV)/lab.stamp ## open the course in JupyterLab; EXAM=1: without hints and solutions
	$(RUN) -m jupyterlab $(ALLOW_ROOT) --ServerApp.root_dir=. --LabApp.default_url=/lab/tree/$(START)

# Tests, browser and notebooks in one pool, so that both workers are busy to the end: see tests/order.py.
test: CHOICE := -m "not slow"
test: lint core pool ## check style, tests, a chapter in a browser, notebook outputs: 5 minutes on two cores, 7 of processor time

test-all: CHOICE := -p tests.again
test-all: lint core pool test-frameworks ## check all of it: every control in the browser, each cell again, the frameworks too

test-frameworks: $(FRAMEWORKS)/test.stamp ## compare the engine and chapters 7 and 7b with PyTorch, TensorFlow and JAX
	$(WITH_FRAMEWORKS) -c "import torch, jax; $(FIND_TENSORFLOW) and __import__('tensorflow')" 2>/dev/null || { echo \
		"PyTorch, TensorFlow or JAX does not start in $(FRAMEWORKS), so nothing was compared: make clean, and try again." >&2; exit 1; }
	@$(WITH_FRAMEWORKS) -c "import sys; sys.exit(not $(FIND_TENSORFLOW))" || echo \
		"TensorFlow has no wheel for this Python yet: compared with PyTorch and JAX alone."
	$(WITH_FRAMEWORKS) -m pytest $(FRAMEWORK_TESTS) -n2 --dist=loadfile

test-class: $(CLASS)/test.stamp ## three students at a JupyterHub on this machine, and a teacher who changes the course meanwhile
	$(WITH_CLASS) -m pytest tests/classroom

test-nbgrader: $(BOOK)/test.stamp ## put a class's results into nbgrader's gradebook, and ask nbgrader for them
	$(WITH_NBGRADER) -m pytest tests/exercises/test_nbgrader.py

class: $(CLASS)/test.stamp ## a class of STUDENTS=25 at a JupyterHub on this machine: what it needs; WRITE=1 puts it on the page for teachers
	$(WITH_CLASS) -m tests.classroom --students $(or $(STUDENTS),25) $(if $(WRITE),--write)

lite: $(LITE)/test.stamp ## make build/lite, the course as a site that needs no server; PYODIDE=cdn for publishing, or a folder
	PYODIDE=$(PYODIDE) $(WITH_LITE) -m lite.build

# The site that is tested asks no other server, wherever Pyodide is from; a cell there may take longer.
test-lite: $(LITE)/test.stamp ## run every chapter in Pyodide and compare its outputs, and the site in a browser; a quarter of an hour
	PYODIDE=$(PYODIDE) $(WITH_LITE) -m lite.build --for-tests
	$(WITH_LITE) -m pytest -p tests.lite.in_pyodide @tests/nbval.args --nbval-cell-timeout=600 $(NOTEBOOKS)
	$(WITH_LITE) -m pytest tests/lite/in_node.py tests/lite/in_browser.py

test-oldest: ## run unit tests and notebooks with the oldest packages that pyproject.toml allows, on Python 3.11
	$(MAKE) VENV=.venv-oldest PYTHON=$(or $(OLDEST_PYTHON),python3.11) CONSTRAINTS=build/oldest.txt $(AT_AN_END)

test-newest: ## the same with the newest packages there are, on Python 3.15
	rm -rf .venv-newest
	$(MAKE) VENV=.venv-newest PYTHON=$(or $(NEWEST_PYTHON),python3.15) CONSTRAINTS=/dev/null $(AT_AN_END)

# PyTorch of one version has other archives where there is no graphics card, from an index of its own: no list has its hash.
locks: ## write versions and hashes of what tests and site run with into .ci/lock*.txt, as .ci/constraints.txt and pyproject.toml ask; needs uv; UPGRADE=1: the newest
	$(COMPILE) .ci/constraints.txt --no-deps --output-file .ci/lock.txt
	$(COMPILE) --group site --output-file .ci/lock-site.txt
	$(COMPILE) pyproject.toml --extra class --group class --output-file .ci/lock-class.txt
	$(COMPILE) pyproject.toml --group nbgrader --output-file .ci/lock-nbgrader.txt
	$(COMPILE) --group lite $(BESIDES_THE_TESTS) --output-file .ci/lock-lite.txt
	$(COMPILE) --group pyodide --no-deps --output-file .ci/lock-pyodide.txt
	echo torch | $(COMPILE) pyproject.toml --extra frameworks --excludes - $(BESIDES_THE_TESTS) --output-file .ci/lock-frameworks.txt

lint: $(VENV)/test.stamp ## check style, common mistakes, and GitHub's workflows
	$(RUN) -m ruff check
	$(RUN) -m ruff format --check
	$(DENO) lint --quiet $(JAVASCRIPT)
	$(DENO) fmt --quiet --check --line-width 120 $(JAVASCRIPT)
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(VENV)/bin/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
	$(VENV)/bin/zizmor --offline --quiet --config .github/zizmor.yml .github/workflows .github/dependabot.yml

# The module in this folder refuses every connection that leaves the machine, but that of pip, which installs the tests.
unit pool outputs: private export PYTHONPATH := $(CURDIR)/tests/offline

# To note which lines are run takes as long as to run them: `make test` does not. nbval takes two seconds to import, in each
# of three processes.
core: COVERAGE = $(if $(findstring not slow,$(CHOICE)),,--cov)
core: $(VENV)/test.stamp ## run the engine's tests, and measure what they cover
	$(RUN) -m pytest -p no:nbval tests/core $(COVERAGE) -n2 --dist=loadscope $(CHOICE)

unit: $(VENV)/test.stamp ## run all tests, those in the browser too, without the notebook outputs
	$(RUN) -m pytest $(UNIT) -n2 --dist=loadscope

# Chapters 7 and 7b are stored as readers without the frameworks see them, whatever is installed here.
pool outputs notebooks: export COURSE_FRAMEWORKS := recorded

pool: POOL = $(RUN) -m pytest $(NBVAL) tests $(NOTEBOOKS) --ignore=tests/core --dist=loadscope $(CHOICE)
pool: $(VENV)/test.stamp ## run tests and notebooks together, but for the engine's tests
	$(POOL) || { echo "What failed, once more and alone: if it passes now, it is a race that only load shows, and still a fault to find." >&2; \
		$(POOL) -n0 --last-failed --last-failed-no-failures=none; }

outputs: $(VENV)/test.stamp ## run every notebook and compare each output with the stored one
	$(if $(NOTEBOOKS),$(RUN) -m pytest $(NBVAL) $(NOTEBOOKS),@echo "outputs: no notebooks yet")

format: $(VENV)/test.stamp ## put code and notebooks into the project's style
	$(RUN) -m ruff check --fix --exit-zero --quiet
	$(RUN) -m ruff format
	$(RUN) -m ruff check
	$(DENO) fmt --quiet --line-width 120 $(JAVASCRIPT)

notebooks: $(VENV)/test.stamp ## run the notebooks on new kernels and store their outputs
	$(RUN) .ci/execute_notebooks.py $(NOTEBOOKS)

site: $(SITE)/site.stamp $(VENV)/lab.stamp ## make the website in build/site; LIVE= and SITE_URL= say where JupyterLite's page and the site will be
	PYTHONPATH=.ci $(RUN) -m website.recordings
	PYTHONPATH=.ci $(WITH_SPHINX) -m website

test-site: $(SITE)/site.stamp $(VENV)/test.stamp ## make the website and check it, page by page, in a browser too
	$(RUN) -m pytest tests/site

slides: $(VENV)/test.stamp ## make slides of the chapters, or of CHAPTER=notebooks/en/05_practice.ipynb, in build/slides; CODE=hidden or folded
	$(RUN) .ci/slides.py $(if $(CODE),--code $(CODE)) $(CHAPTER)

html: $(VENV)/test.stamp ## make pages to read of the chapters, or of CHAPTER=notebooks/en/05_practice.ipynb, in build/html: one file each
	$(RUN) .ci/export.py html $(CHAPTER)

pdf: $(VENV)/test.stamp ## the same to print, in build/pdf; needs Chromium
	$(RUN) .ci/export.py pdf $(CHAPTER)

projector: CHAPTER := $(START)
projector: $(VENV)/lab.stamp ## open CHAPTER=notebooks/en/05_practice.ipynb for a class to look at: large text, code folded, answers of its own
	$(RUN) .ci/projector.py $(CHAPTER)
	$(RUN) -m jupyterlab $(ALLOW_ROOT) --ServerApp.root_dir=build/projector --LabApp.user_settings_dir=build/projector/.settings \
		--LabApp.default_url=/lab/tree/$(patsubst notebooks/%,%,$(CHAPTER))

handout: $(VENV)/lab.stamp ## make notebooks without outputs, answers and solutions in build/handout, of all or CHAPTER=; EXAM=1: without hints
	$(RUN) .ci/handout.py $(if $(EXAM),--exam) $(CHAPTER)

sheets: $(VENV)/test.stamp ## make a page to print of each chapter, in build/sheets: what to remember, formulas with every letter, terms
	$(RUN) .ci/sheets.py

worksheets: $(VENV)/lab.stamp ## make tasks for pencil and paper with a key, in build/worksheets, of all or CHAPTER=; SEED=7 has other numbers
	$(RUN) .ci/worksheets.py $(if $(SEED),--seed $(SEED)) $(if $(FORMS),--forms $(FORMS)) $(CHAPTER)

pictures: $(VENV)/test.stamp ## take the pictures that the README and the teacher's guide show
	$(RUN) .ci/readme_picture.py
	COURSE_PICTURES=store $(RUN) -m pytest tests/browser/test_browser_everywhere.py tests/browser/test_browser_chinese.py -k guide_shows -n2 --dist=loadscope

record-frameworks: $(FRAMEWORKS)/test.stamp ## renew what chapters 7 and 7b quote where the frameworks are missing
	$(WITH_FRAMEWORKS) .ci/record_frameworks.py

record-trees: $(VENV)/test.stamp ## renew what chapter 8 quotes of scikit-learn's boosted trees
	$(RUN) -m course_lib.datasets.make.trees

benchmark: $(VENV)/test.stamp ## measure the engine against plain NumPy and each installed framework, and the training lab
	$(RUN) -m tests.benchmarks.engine
	$(RUN) -m tests.benchmarks.lab_speed

robustness: $(VENV)/test.stamp ## treat labs, kernels and training roughly, for a quarter of an hour, and write the page about it
	$(RUN) -m tests.browser.robustness

claims: $(VENV)/test.stamp ## redo the experiment behind every claim on fresh seeds, half an hour, and write the page; or SEEDS=777
	$(RUN) -m tests.claims $(if $(SEEDS),--first $(SEEDS)) $(if $(ONLY),--only $(ONLY))

again: $(VENV)/test.stamp ## run each cell of each chapter again, in a random order: same outputs, and the exercises can still be solved
	$(RUN) -m pytest -p tests.again $(NBVAL) $(filter notebooks/en/%,$(NOTEBOOKS))

catalogue: $(VENV)/test.stamp ## collect the library's sentences for translators
	$(RUN) .ci/catalogue.py

minutes: $(VENV)/test.stamp ## estimate how long each chapter takes, and write it into headers, README and teacher's guide
	$(RUN) .ci/minutes.py

translation: $(VENV)/test.stamp ## show what is not translated, and what has changed since: both texts side by side
	$(RUN) .ci/translation.py

font: $(VENV)/test.stamp ## make the font of the figures' Chinese characters; needs Debian's fonts-noto-cjk, or FONT=NotoSansCJK-Regular.ttc
	$(RUN) .ci/chinese_font.py $(FONT)

binder-link: $(VENV)/lab.stamp ## print links that open this repository on Binder
	@$(RUN) .ci/binder_link.py

links: $(VENV)/lab.stamp ## print where this repository's website, the course in the browser alone, and Binder are
	@PYTHONPATH=.ci $(RUN) -m website.addresses

outside-links: $(VENV)/lab.stamp ## ask every address that the texts link to whether it is still there; needs the network
	@PYTHONPATH=.ci $(RUN) -m outside_links

results: $(VENV)/lab.stamp $(if $(NBGRADER),$(BOOK)/test.stamp) ## make tables of a class's files in FOLDER=answers: BY=exercise, prediction, student, test or item, GRADEBOOK=1; or every record
	@mkdir -p build
ifneq ($(BY)$(GRADEBOOK)$(NBGRADER),)
	@$(if $(NBGRADER),$(WITH_NBGRADER),$(RUN)) -m course_lib.exercises.results $(CLASS_FILES) --to build --language $(EDITION) \
		$(if $(BY),--by $(BY)) $(if $(GRADEBOOK),--gradebook) $(if $(NBGRADER),--nbgrader "$(NBGRADER)") \
		$(if $(CHAPTERS),--chapters "$(CHAPTERS)") $(if $(ROSTER),--roster "$(ROSTER)")
else
	$(if $(CHAPTERS)$(ROSTER),$(error CHAPTERS=... and ROSTER=... go with BY=..., GRADEBOOK=1 or NBGRADER=...))
	@$(RUN) -m course_lib.exercises.export $(if $(SUMMARY),--summary) $(CLASS_FILES) > build/results.csv
	@echo "build/results.csv: $$(wc -l < build/results.csv) lines"
endif

board: $(VENV)/lab.stamp ## show on this computer what a class at work has done so far, and hold votes; PORT=, ADDRESS=, LANGUAGE=zh, STUDENTS=25 invented ones
	@$(RUN) -m $(if $(STUDENTS),tests.board.invented --students $(STUDENTS) $(if $(SPEED),--speed $(SPEED)),course_lib.exercises.board $(if $(ADDRESS),--address $(ADDRESS))) \
		--language $(or $(filter en zh,$(LANGUAGE)),$(EDITION)) $(if $(PORT),--port $(PORT))

clean: ## remove the virtual environments, but not that of conda, and all caches
	rm -rf .venv $(SITE) $(FRAMEWORKS) $(LITE) $(CLASS) $(BOOK) $(ENDS) build *.egg-info binder/*.egg-info .coverage .hypothesis .pytest_cache .ruff_cache
	find . -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf

$(RUN):
	@$(INSTALL) $(VENV)

$(VENV)/lab.stamp: $(LOCK)
	@echo "Installing the course into $(VENV) (once, about 400 MB)"
	@$(INSTALL) $(VENV) --constraint $(CONSTRAINTS) --editable .
	@$(TELL_SERVER)
	@touch $@

$(VENV)/test.stamp: $(LOCK) .ci/lock.txt
	@echo "Installing the course and its tests into $(VENV) (once, about 600 MB)"
	@$(if $(filter .ci/%,$(CONSTRAINTS)),$(INSTALL) $(VENV) $(LOCKED) .ci/lock.txt)
	@$(INSTALL) $(VENV) --constraint $(CONSTRAINTS) $(if $(filter .ci/%,$(CONSTRAINTS)),$(BUILT),--editable) '.[test]'
	@$(TELL_SERVER)
	@touch $(VENV)/lab.stamp $@

build/oldest.txt: pyproject.toml .ci/oldest.py | $(RUN)
	@mkdir -p build
	@$(RUN) .ci/oldest.py > $@

$(FRAMEWORKS)/test.stamp: $(LOCK) .ci/lock.txt .ci/lock-frameworks.txt .ci/constraints-frameworks.txt
	@echo "Installing the course, PyTorch, TensorFlow and JAX into $(FRAMEWORKS) (once, 2 GB or more)"
	@$(INSTALL) $(FRAMEWORKS) $(LOCKED) .ci/lock.txt && $(INSTALL) $(FRAMEWORKS) $(LOCKED) .ci/lock-frameworks.txt && \
		$(INSTALL) $(FRAMEWORKS) --constraint .ci/constraints.txt --constraint .ci/constraints-frameworks.txt $(BUILT) '.[test,frameworks]' || { \
		echo "The frameworks could not be installed for this Python (see above), so nothing was compared with them." >&2; exit 1; }
	@touch $@

$(SITE)/site.stamp: .ci/lock-site.txt
	@echo "Installing Sphinx into $(SITE) (once, about 350 MB)"
	@$(INSTALL) $(SITE) $(LOCKED) .ci/lock-site.txt
	@touch $@

$(CLASS)/test.stamp: pyproject.toml .ci/lock-class.txt .ci/proxy/package-lock.json
	@echo "Installing the course and a JupyterHub into $(CLASS) (once, about 500 MB)"
	@$(INSTALL) $(CLASS) $(LOCKED) .ci/lock-class.txt
	@$(INSTALL) $(CLASS) --no-deps $(BUILT) .
	@MPLCONFIGDIR=$(CLASS)/share/backprop-course $(WITH_CLASS) -c "import matplotlib.font_manager" # as binder/postBuild does
	@cp .ci/proxy/package*.json $(CLASS) && npm ci --silent --ignore-scripts --prefix $(CLASS) || { echo \
		"JupyterHub's proxy could not be installed: it needs Node.js and npm (Debian, Ubuntu: apt-get install npm)." >&2; exit 1; }
	@touch $@

$(BOOK)/test.stamp: pyproject.toml .ci/lock-nbgrader.txt
	@echo "Installing the course and nbgrader into $(BOOK) (once, about 500 MB)"
	@$(INSTALL) $(BOOK) $(LOCKED) .ci/lock-nbgrader.txt
	@$(INSTALL) $(BOOK) --no-deps $(BUILT) .
	@touch $@

# The package with Pyodide's files may be gone one day: then .ci/lite/pyodide.py says what to do.
$(LITE)/test.stamp: pyproject.toml .ci/lock.txt .ci/lock-lite.txt .ci/lock-pyodide.txt
	@echo "Installing the course, its tests and JupyterLite into $(LITE) (once, about 1.6 GB)"
	@$(INSTALL) $(LITE) $(LOCKED) .ci/lock.txt
	@$(INSTALL) $(LITE) $(LOCKED) .ci/lock-lite.txt
	@$(INSTALL) $(LITE) --no-deps $(BUILT) .
	@$(INSTALL) $(LITE) $(LOCKED) .ci/lock-pyodide.txt || true
	@touch $@
