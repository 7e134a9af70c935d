"""Record the golden bundles anew: `just golden`, after a change that is meant to change answers."""

import json
from pathlib import Path
from typing import Any

from planner_cli import __version__
from planner_cli.domain.reading import read_problem
from planner_cli.domain.result import result_of
from planner_cli.runs.replay import Recording
from planner_cli.solver import solve

HERE = Path(__file__).parent
EXAMPLES = HERE.parents[1] / "examples"


def questions() -> dict[str, dict[str, Any]]:
    """Give the problems of the golden bundles by name: solved ones, and one without an answer."""
    found = {
        path.stem: json.loads(path.read_text())
        for path in sorted(EXAMPLES.glob("*.json"))
        if path.stem != "large_metro"
    }
    found["too_many_lines"] = {**found["small_rural"], "n_job_lines": 16}
    return found


def main() -> None:
    """Solve each question and write its bundle."""
    for name, document in questions().items():
        problem = read_problem(document)
        outcome = solve(problem)
        result = result_of(problem, outcome, seed=problem.options.seed, version=__version__)
        bundle = Recording(name, problem, result, {}).to_bundle()
        text = json.dumps(bundle, ensure_ascii=False, indent=1)
        (HERE / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
