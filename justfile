# Everything a developer of the planner runs. `just` alone checks the whole house.

python := env("PLANNER_PYTHON", "python")

# style, types, imports, docstrings, tests: what CI runs
default: check

# style, types, imports and docstrings, then every test
check: lint test stack

# ruff, mypy --strict (tests too), import directions, docstring coverage
lint:
    {{ python }} -m ruff check .
    {{ python }} -m ruff format --check .
    {{ python }} -m mypy
    {{ python }} -m importlinter.cli lint-imports 2>/dev/null || lint-imports
    {{ python }} -m interrogate -v planner_cli

# the tests of the planner, its database and its image (about twelve minutes on two cores)
test *args:
    {{ python }} -m pytest {{ args }}

# on the whole local stack: the edge function, and the page in a real browser (about eight minutes)
stack *args:
    {{ python }} -m pytest tests/functions tests/browser {{ args }}

# the tests without a database: seconds
unit *args:
    {{ python }} -m pytest tests/unit {{ args }}

# tests with branch coverage, subprocesses included
coverage:
    {{ python }} -m coverage run -m pytest
    {{ python }} -m coverage combine
    {{ python }} -m coverage report

# 10,000 random runs with kills, cuts, crashes and edits (12 to 40 minutes); figures on stdout
soak *args:
    {{ python }} -m tests.faults.soak {{ args }}

# the solver beside a per-line model and annealing, into docs/benchmarks.md (about 12 minutes)
bench *args:
    {{ python }} -m tests.benchmarks.solver {{ args }}

# seconds to prove and to explain that 140 lines are impossible, and to hear a stop (a minute)
bench-explain:
    {{ python }} -m tests.benchmarks.explaining

# 500 random hospitals of 3 to 140 lines: whatever is said of them is checked (half an hour)
fuzz *args:
    {{ python }} -m tests.benchmarks.fuzz {{ args }}

# first legal set and gap on families of hospitals, medians of five seeds (an hour and a half)
bench-families *args:
    {{ python }} -m tests.benchmarks.by_family {{ args }}

# seconds a whole `planner solve` takes on 5,000 positions with a time limit of 2 and of 10 s
bench-huge:
    {{ python }} -m tests.benchmarks.huge

# medians of the claim, the commit and the comparison of 15,000 rotations
bench-commit *args:
    {{ python }} tests/benchmarks/commit.py {{ args }}

# one whole run on the embedded database, the lines on the screen
demo example="medium_regional":
    {{ python }} -m planner_cli demo {{ example }}

# write everything that follows from the catalogue and the migrations
generate:
    {{ python }} docs/generate.py
    {{ python }} dashboard/generate.py
    {{ python }} -m local_stack.generate

# write the generated documents: JSON Schemas and docs/rules.md
docs:
    {{ python }} docs/generate.py

# put the code in order
format:
    {{ python }} -m ruff check --fix .
    {{ python }} -m ruff format .

# start-up time beside a bare `import typer`
bench-startup:
    {{ python }} -m tests.benchmarks.startup

# a whole Supabase project on this machine: database, API, edge functions, realtime, launcher
dev *args:
    {{ python }} -m local_stack {{ args }}

# the edge functions alone: types, lint, format and their own tests
functions:
    {{ python }} -m pytest tests/functions/test_source.py

# write what the edge functions know of the catalogue and of the database
functions-generate:
    {{ python }} -m local_stack.generate

# record the golden bundles anew, after a change that is meant to change answers
golden:
    {{ python }} -m tests.golden.record

# the dashboard: types, lint, logic, a build into dashboard/dist (static files for any host)
dashboard:
    cd dashboard && deno install --frozen && deno task check && deno task lint && deno task test && deno task build

# the image of this checkout, as planner:local; without PLANNER_BASE_IMAGE on a Debian made here
image *args:
    {{ python }} -m deploy.image.build {{ args }}

# the tables of docs/container.md, from the image
image-table:
    {{ python }} -m deploy.image.inventory --write

# the image's tests: a Docker daemon is used, or started (as root)
container *args:
    {{ python }} -m pytest tests/container {{ args }}

# the stages of one run, in the container and outside
bench-container *args:
    {{ python }} -m tests.benchmarks.container {{ args }}

# resolve what the image installs anew, with hashes; needs uv
lock:
    uv pip compile pyproject.toml --generate-hashes --python-version 3.11 --python-platform x86_64-manylinux_2_28 --no-header --no-annotate --quiet --upgrade --output-file constraints.txt
    uv pip compile deploy/image/build.in --generate-hashes --python-version 3.11 --python-platform x86_64-manylinux_2_28 --no-header --no-annotate --quiet --upgrade --output-file deploy/image/constraints-build.txt
