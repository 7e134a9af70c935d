"""The best set of lines, from a first one: maximise the score, with its proven bound."""

from math import floor

from ortools.sat.python import cp_model

from planner_cli.domain.scoring import affinity_of, line_score, score
from planner_cli.solver.oracle.objective import LineWorth, SetWorth, largest, most_terms_by_key
from planner_cli.solver.oracle.question import Best, FirstSet, Lines, Question
from planner_cli.solver.oracle.search import Values, Work, run
from planner_cli.solver.oracle.set_model import SetModel
from planner_cli.solver.rows import Expr
from planner_cli.solver.watch import Watch


class _Improvement:
    """The search for better sets than the first."""

    def __init__(self, first: FirstSet, work: Work, watch: Watch) -> None:
        self._first = first
        self._question: Question = first.question
        self._work = work
        self._watch = watch
        problem = self._question.problem
        affinity = affinity_of(problem)
        line = self._question.line()
        keys = sorted({key for pair in affinity for key in pair})
        worth = LineWorth(line, affinity, most_terms_by_key(line, keys))
        self._best_line = largest(line, worth.points)
        self._lines = SetModel(line, self._question.free, n_lines=self._question.n_lines)
        self._worth = SetWorth(self._lines, worth, self._best_line)
        self._best: Lines = first.lines
        self._total = score(problem, first.lines).total
        kept = [line_score(k.positions, affinity) for k in self._lines.kept]
        self._bound = 2 * max(0, self._best_line, *kept) * self._question.n_lines
        self._means = ""
        self._all_proven = True

    def run(self) -> Best:
        """Serve preferred pathways, then maximise the score."""
        if self._lines.preferred:
            self._serve_preferred()
        self._watch.improve(score=self._total, bound=self._bound)
        model = self._lines.model
        model.maximize(self._worth.total)
        self._hint(self._best)
        status = run(
            model, self._work, self._watch, on_solution=self._keep, on_bound=self._note_bound
        )
        if status == "infeasible":
            raise AssertionError("a model that has a solution was found infeasible")
        proven = status == "optimal" and self._worth.exact and self._all_proven
        dropped = self._question.dropped
        return Best(self._best, self._bound, self._bound_means(), proven, dropped)

    def _serve_preferred(self) -> None:
        """As far as it costs no post: first fill posts, then serve, then keep both."""
        model, lines = self._lines.model, self._lines
        served = cp_model.LinearExpr.sum(lines.preferred)
        goals: list[tuple[Expr, int]] = [(self._worth.unfilled, -1), (served, 1)]
        for goal, sign in goals:
            if isinstance(goal, int):
                continue
            reached: list[int] = []

            def keep(values: Values, goal: cp_model.LinearExpr = goal) -> None:
                reached[:] = [values(goal)]  # noqa: B023
                self._best = self._question.read(self._lines, values)

            model.maximize(sign * goal)
            self._hint(self._best)
            status = run(model, self._work, self._watch, on_solution=keep)
            self._all_proven &= status == "optimal"
            if reached:
                model.add(sign * goal >= sign * reached[0])
        self._means = "for sets that serve the preferred pathways as far as this one does"
        self._total = score(self._question.problem, self._best).total

    def _keep(self, values: Values) -> None:
        lines = self._question.read(self._lines, values)
        total = score(self._question.problem, lines).total
        if total > self._total:
            self._best, self._total = lines, total
            self._watch.improve(score=total)

    def _note_bound(self, bound: float) -> None:
        self._bound = min(self._bound, floor(bound + 1e-6))
        self._watch.improve(bound=self._bound)

    def _hint(self, lines: Lines) -> None:
        """Start from known lines, in the order the symmetry breaking asks for."""
        model, line = self._lines.model, self._lines.line
        index_of = {p.id: index for index, p in enumerate(self._question.problem.positions)}
        new = sorted((k for k in lines if not k.locked), key=lambda k: index_of[k.positions[0].id])
        model.clear_hints()  # type: ignore[no-untyped-call]
        for made, known in zip(self._lines.made, new, strict=True):
            held = {(t, index_of[p.id]) for t, p in enumerate(known.positions)}
            for cell, var in line.cells.items():
                model.add_hint(made[var], cell in held)

    def _bound_means(self) -> str:
        asked, settled = self._question.problem.n_job_lines, self._question.n_lines
        parts = [self._means] if self._means else []
        if settled < asked:
            most = "the most possible" if self._first.count_is_proven else "the most found"
            parts.append(f"for sets of {settled} lines, {most}")
        if self._question.dropped:
            parts.append("with the dropped positions left out")
        return "; ".join(parts)


def best_set(first: FirstSet, work: Work, watch: Watch) -> Best:
    """Improve a first set until the best is proven, the work is used up, or the watch ends it."""
    return _Improvement(first, work, watch).run()
