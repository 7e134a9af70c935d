"""Another solver, or a dead stop at a step, for the commands under test: production has no hook.

Python imports a `sitecustomize` it finds on its path when it starts, so that whoever starts a
command with this folder in `PYTHONPATH` reaches into that process and those it starts:

- `INJECTED_SOLVER=<module>:<function>` puts another function with the solver's face in its place;
- `INJECTED_PAUSE=<step>` sends the process SIGSTOP at a step of a run, as if the machine had been
  paused; the test then kills it or lets it go on with SIGCONT.
"""

import importlib
import importlib.util
import os
import signal
import sys
from collections.abc import Callable
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


def _another_solver(apart: ModuleType) -> None:
    name = os.environ.get("INJECTED_SOLVER")
    if name:
        module, _, function = name.partition(":")
        apart._solver = lambda: getattr(importlib.import_module(module), function)


def _pause(attempt: ModuleType) -> None:
    wanted = os.environ.get("INJECTED_PAUSE")

    def reached(step: str) -> None:
        if step == wanted:
            os.kill(os.getpid(), signal.SIGSTOP)

    if wanted:
        attempt.reached = reached


_CHANGES: dict[str, Callable[[ModuleType], None]] = {
    "planner_cli.runs.apart": _another_solver,
    "planner_cli.runs.attempt": _pause,
}


class _Changing(MetaPathFinder):
    """Changes a module as soon as it is imported: nothing is imported before its time."""

    def __init__(self) -> None:
        self._looking: set[str] = set()

    def find_spec(
        self,
        name: str,
        path: Any,  # noqa: ARG002
        target: Any = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        change = _CHANGES.get(name)
        if change is None or name in self._looking:
            return None
        self._looking.add(name)
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._looking.remove(name)
        assert spec is not None
        loader = spec.loader
        assert loader is not None
        run = loader.exec_module

        def run_and_change(module: ModuleType) -> None:
            run(module)
            change(module)

        loader.exec_module = run_and_change  # type: ignore[method-assign]
        return spec


sys.meta_path.insert(0, _Changing())
