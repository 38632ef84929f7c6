# The commands of the project; `make help` lists them.
PYTHON ?= python3
PORT ?= 8000
READY := .venv/.ready
RUN := .venv/bin/python -m
EVIDENCE := evidence capacity_evidence cnn_evidence optimizer_facts \
	optimizer_agreement optimizer_rates schedule_agreement schedule_evidence \
	step_effects regularization_evidence augmentation_evidence training_crashes \
	saving_facts preflight_evidence distributed_evidence rosetta_evidence \
	convert_evidence
BENCH := bench bench_metrics bench_activations bench_models bench_steps \
	bench_augmentation
# One thread per process: the tests are many small steps.
export OMP_NUM_THREADS ?= 1
export TF_CPP_MIN_LOG_LEVEL ?= 3

.PHONY: help setup site docs test check unit backends snippets gates browser \
	processors sync sheet slow evidence bench mutants new matrix successor deploy clean

help: ## List the commands
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: $(READY) ## Make .venv with everything that is needed
$(READY): pyproject.toml constraints.txt tools/setup.py
	@$(PYTHON) tools/setup.py

site: $(READY) ## Build the site and serve it
	@$(RUN) tools.build --serve --port $(PORT)

docs: $(READY) ## Build the site into site/, every notebook executed
	@$(RUN) tools.build

test: $(READY) ## Run every test, two kinds at a time
	@$(MAKE) --jobs 2 unit check docs snippets
	@$(MAKE) --jobs 2 backends gates browser

check: $(READY) ## Format, lint, types, generated blocks: seconds
	@$(RUN) ruff format --check --quiet .
	@$(RUN) ruff check --quiet .
	@$(RUN) mypy
	@$(RUN) tools.sync --check

unit: $(READY)
	@$(RUN) pytest -n 2 --dist worksteal --ignore tests/browser

# The Keras wing once more on the other backends.
backends: $(READY)
	@KERAS_BACKEND=torch $(RUN) pytest -n 2 --dist worksteal -k keras \
		tests/test_losses.py tests/test_metrics.py tests/test_activations.py \
		tests/test_layers.py tests/test_blocks.py tests/test_optimizers.py \
		tests/test_schedules.py tests/test_steps.py tests/test_regularization.py \
		tests/test_augmentation.py tests/test_convert.py tests/test_rosetta.py
	@KERAS_BACKEND=jax $(RUN) pytest tests/test_losses.py -k "keras and float32"

# What a training prints must not hang on one make of processor: newer ones are
# told to compute as older ones do.
processors: $(READY) ## Run the snippets with the instructions of older processors
	@ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX2 OPENBLAS_CORETYPE=Haswell \
		MKL_ENABLE_INSTRUCTIONS=AVX2 $(MAKE) snippets
	@ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 \
		OPENBLAS_CORETYPE=Nehalem MKL_CBWR=COMPATIBLE TF_ENABLE_ONEDNN_OPTS=0 \
		$(MAKE) snippets

snippets: $(READY)
	@$(RUN) pytest -n 2 --dist loadfile --markdown-docs docs README.md

gates: $(READY)
	@$(RUN) tools.check_fences
	@$(RUN) tools.check_site
	@$(RUN) tools.check_html

browser: $(READY)
	@$(RUN) tools.chromium --install
	@$(RUN) pytest -n 2 --dist worksteal tests/browser

sync: $(READY) ## Rewrite the generated tables and figures
	@$(RUN) tools.sync

sheet: $(READY) ## Print the sheet, the poster and the cards
	@$(RUN) tools.chromium --install
	@$(RUN) tools.print_sheets

evidence: $(READY) ## Run the published experiments again (an hour)
	@for tool in $(EVIDENCE); do $(RUN) tools.$$tool || exit 1; done

slow: $(READY) ## Train every project anew, five seeds each (an hour or two)
	@DLCOOKBOOK_SLOW=1 $(RUN) pytest -n 2 tests/test_projects.py -k same_seed
	@$(RUN) tools.project_evidence --all

bench: $(READY) ## Measure speed as ratios to a peer, in one run
	@for tool in $(BENCH); do $(RUN) tools.$$tool || exit 1; done

mutants: $(READY) ## Break every line of every recipe; print what survives
	@$(RUN) tools.mutants

new: $(READY) ## Start a recipe in every wing: make new NAME=losses/foo
	@$(RUN) tools.new $(NAME)

# One leg of the test matrix: INSTALL=bare|torch|keras-tensorflow|keras-torch|all
matrix:
	@$(PYTHON) tools/matrix.py $(INSTALL)

successor: $(READY)
	@$(RUN) tools.build --successor

deploy: docs ## Publish the site with versions: make deploy VERSION=0.1
	@$(RUN) tools.deploy $(VERSION)

clean: ## Remove what was built; .venv stays
	@rm -rf build site site-offline dist .pytest_cache .ruff_cache .mypy_cache
