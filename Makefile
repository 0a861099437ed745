# make lab         set up and open the course
# make test        set up and run every check        (LESSON=01_math_python/02_vectors: of one lesson)
# make build       student notebooks, exercise bank and README table from notebooks/
# make grade-demo     grade a simulated class and compare the scores
# make bench-grading  measure grading, beside stock nbgrader and with classes of up to 2,000
# make clean       remove .venv and caches; your work/ stays

PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
COURSE := $(BIN)/python -m aicourse.cli
READY := $(VENV)/ready
LESSON ?=
export PYTHONUTF8 := 1

.PHONY: lab test build lint grade-demo bench-grading lock clean
.DEFAULT_GOAL := lab

# Touched last: an interrupted installation starts again where pip's cache left it.
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c "import sys; v = sys.version_info; sys.exit(0 if (3, 11) <= v[:2] <= (3, 13) else 'This course needs Python 3.11 to 3.13; this is %d.%d. Run: make PYTHON=python3.11 ...' % v[:2])"
	@$(BIN)/python -m pip --version > /dev/null 2>&1 \
	  || { echo "Creating $(VENV) ..."; rm -rf $(VENV); $(PYTHON) -m venv $(VENV); }
	@echo "Installing the course's packages (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@$(BIN)/python -c "import pathlib; pathlib.Path('$(READY)').touch()"

lab: $(READY)
	@$(COURSE) lab

test: $(READY)
	@$(COURSE) test $(if $(LESSON),--lesson $(LESSON))

build: $(READY)
	@$(COURSE) build

lint: $(READY)
	@$(COURSE) lint $(LESSON)

grade-demo: $(READY)
	@$(COURSE) grade-demo

# Takes about half an hour; without --size the comparison alone.
bench-grading: $(READY)
	@$(COURSE) bench-grading --size 20 --size 200 --size 2000

# CUDA packages are left out: they are the choice of whoever installs torch, not of the lock.
lock: $(READY)
	@$(BIN)/python -m pip install --quiet uv
	@head -2 requirements.txt > requirements.new
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11.5 --no-annotate --no-header \
	  --constraint requirements.txt --all-extras pyproject.toml \
	  | grep -v -E "^(nvidia|cuda|triton)" >> requirements.new
	@mv requirements.new requirements.txt

clean:
	rm -rf $(VENV) .pytest_cache .ruff_cache build dist grading/demo
