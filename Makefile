# Two commands: `make run` and `make test`. Both need python3 (3.11 or later) and make, nothing else.
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
# Published tariffs for the tests, when they lie beside the project.
OPEN_DATA ?= $(wildcard ../shared/data)
PYTEST_ARGS ?=
# Two processes on a small machine.
JOBS ?= 2
export OPEN_DATA

.DEFAULT_GOAL := help
.PHONY: help run test check lock

help:
	@echo "make run    lance le portail de démonstration (PORT=8000)"
	@echo "make test   joue toute la suite"
	@echo "make check  vérifie le style, les types et les couches"
	@echo "make lock   réécrit requirements/*.txt d'après pyproject.toml"

run: $(VENV)/core
	@exec $(BIN)/python manage.py run --port $(PORT)

test: $(VENV)/dev
	@$(BIN)/python -m pytest -n $(JOBS) $(PYTEST_ARGS)

check: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/python manage.py makemigrations --check --dry-run
	env $$($(BIN)/python manage.py make_seal) ATELIER_ENV=production \
	SECRET_KEY=0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ \
	ALLOWED_HOSTS=portail.example DATABASE_URL=sqlite:///:memory: REDIS_URL=redis://localhost:6379/0 \
	$(BIN)/python manage.py check --deploy --fail-level WARNING

lock: $(VENV)/dev
	$(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-annotate --upgrade --output-file requirements/core.txt
	$(BIN)/uv pip compile pyproject.toml --quiet --group dev --universal --python-version 3.11 --generate-hashes \
		--no-header --no-emit-index-url --no-annotate --upgrade --output-file requirements/dev.txt

# A stamp that is newer than the lock says that everything is installed.
$(VENV)/core: requirements/core.txt | $(VENV)/bin/pip
	@echo "Installation des bibliothèques (une fois)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/core.txt
	@touch $@

$(VENV)/dev: requirements/dev.txt | $(VENV)/bin/pip
	@echo "Installation des outils d'essai (une fois)…"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@touch $@ $(VENV)/core

$(VENV)/bin/pip:
	@sh scripts/make-venv $(VENV)
