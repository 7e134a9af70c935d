"""The answer as it is written down: `planner.result/1`, in the database and in files alike."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, assert_never

from pydantic import Field

from planner_cli.domain import statistics
from planner_cli.domain.outcomes import (
    Infeasible,
    LineSet,
    Outcome,
    Stopped,
    Undecided,
    closeness,
    gap,
)
from planner_cli.domain.problem import Document, LineRecord, Problem
from planner_cli.domain.referee import violations
from planner_cli.domain.rules.catalogue import rule_book
from planner_cli.domain.scoring import unfilled_posts
from planner_cli.domain.statistics import Statistics


class Components(Document):
    """The parts of the score."""

    sum: int
    floor: int
    duplicates: int
    unfilled: int


class UnfilledPost(Document):
    """Funded posts of one position in one term that no line fills, and why."""

    position: str
    term: int
    posts: int
    reason: str = ""


class RepairRecord(Document):
    """A smallest change that makes the problem solvable."""

    kind: Literal["posts", "relax", "drop_rule", "fewer_lines"]
    sentence: str
    changes: tuple[dict[str, Any], ...] = ()


class Explanation(Document):
    """Why no legal set exists, and what would repair it."""

    max_lines: int | None
    conflict: tuple[str, ...]
    conflict_is_minimal: bool = True
    sentences: tuple[str, ...]
    repairs: tuple[RepairRecord, ...] = ()


class RuleRecord(Document):
    """A rule the lines were judged by, with its bounds."""

    name: str
    bounds: dict[str, Any] = Field(default_factory=dict)


class Objection(Document):
    """What the referee found; on a locked line it is reported and does not make the set illegal."""

    rule: str
    line: str | None
    message: str
    found: float | None = None
    limit: float | None = None
    locked: bool = False


class Verdict(Document):
    """What the referee said of the lines: stored with them, so that they keep their own rules."""

    rules: tuple[RuleRecord, ...]
    n_objections: int
    objections: Annotated[
        tuple[Objection, ...], Field(description="The first hundred of them.")
    ] = ()


class Result(Document):
    """The answer to a problem."""

    schema_: Annotated[Literal["planner.result/1"], Field(alias="schema")] = "planner.result/1"
    status: Literal["COMPLETED", "INFEASIBLE", "FAILED"]
    reason: Annotated[str, Field(description="Machine code.")]
    message: Annotated[str, Field(description="One sentence for people.")]
    lines: tuple[LineRecord, ...] = ()
    score: int | None = None
    bound: Annotated[int | None, Field(description="Proven upper bound of the score.")] = None
    bound_means: Annotated[
        str, Field(description="For which part the bound is proven; empty: for all of it.")
    ] = ""
    gap: Annotated[float | None, Field(description="(bound - score) / max(1, |bound|).")] = None
    components: Components | None = None
    statistics: Statistics | None = None
    unfilled_posts: tuple[UnfilledPost, ...] = ()
    dropped_positions: tuple[str, ...] = ()
    explanation: Explanation | None = None
    verdict: Annotated[
        Verdict | None, Field(description="By which rules the lines were judged, and how.")
    ] = None
    notes: tuple[str, ...] = ()
    stopped_by: str | None = None
    seconds: dict[str, float] = Field(default_factory=dict, description="Wall seconds by stage.")
    seed: int = 0
    planner_version: str = ""

    def to_json(self, *, with_lines: bool = True) -> dict[str, Any]:
        """Give the result as JSON-ready values."""
        exclude = None if with_lines else {"lines"}
        return self.model_dump(mode="json", by_alias=True, exclude=exclude)


def result_of(problem: Problem, outcome: Outcome, *, seed: int, version: str) -> Result:
    """Write an outcome down.

    Parameters
    ----------
    problem
        The problem it answers.
    outcome
        What the solver said.
    seed, version
        What a replay needs to repeat it.
    """
    common: dict[str, Any] = {"seed": seed, "planner_version": version}
    common["seconds"] = {stage: round(s, 3) for stage, s in outcome.seconds.items()}
    match outcome:
        case LineSet():
            return Result(**common, **_of_lines(problem, outcome))
        case Infeasible():
            return Result(**common, **_of_proof(outcome))
        case Undecided():
            return Result(
                **common, status="FAILED", reason="solver.undecided", message=outcome.message
            )
        case Stopped():
            message = "The solver was stopped before it had an answer."
            return Result(**common, status="FAILED", reason="solver.stopped", message=message)
        case _:
            assert_never(outcome)


def _of_lines(problem: Problem, found: LineSet) -> Mapping[str, Any]:
    score = found.score
    records = tuple(
        line.to_record(points) for line, points in zip(found.lines, score.of_lines, strict=True)
    )
    unfilled = tuple(
        UnfilledPost(
            position=position,
            term=term + 1,
            posts=n_posts,
            reason=found.unfilled_reasons.get((position, term + 1), ""),
        )
        for (position, term), n_posts in unfilled_posts(problem, found.lines).items()
    )
    wanted, n_lines = problem.n_job_lines, len(found.lines)
    partial = f" of the {wanted} asked for" if n_lines < wanted else ""
    distance = None if found.bound is None else gap(score.total, found.bound)
    return {
        "status": "COMPLETED",
        "reason": "partial" if n_lines < wanted else "solved",
        "message": f"{n_lines} {'line' if n_lines == 1 else 'lines'}{partial}, "
        f"{closeness(distance)}.",
        "lines": records,
        "score": score.total,
        "bound": found.bound,
        "bound_means": found.bound_means,
        "gap": None if distance is None else round(distance, 6),
        "components": Components(
            sum=score.sum,
            floor=score.floor,
            duplicates=score.duplicates,
            unfilled=score.unfilled,
        ),
        "statistics": statistics.of(problem, found),
        "unfilled_posts": unfilled,
        "dropped_positions": found.dropped_positions,
        "verdict": _verdict(problem, records),
        "notes": found.notes,
        "stopped_by": found.stopped_by,
    }


#: Objections kept with a set; a legal one has only those of locked lines.
_KEPT_OBJECTIONS = 100


def _verdict(problem: Problem, records: tuple[LineRecord, ...]) -> Verdict:
    book = rule_book(problem)
    found = violations(problem, records, book)
    return Verdict(
        rules=tuple(RuleRecord(name=rule.NAME, bounds=rule.bounds()) for rule in book.rules),
        n_objections=len(found),
        objections=tuple(
            Objection(
                rule=v.rule,
                line=v.line,
                message=v.message,
                found=v.found,
                limit=v.limit,
                locked=v.locked,
            )
            for v in found[:_KEPT_OBJECTIONS]
        ),
    )


def _of_proof(proof: Infeasible) -> Mapping[str, Any]:
    explanation = Explanation(
        max_lines=proof.max_lines,
        conflict=proof.conflict,
        conflict_is_minimal=proof.conflict_is_minimal,
        sentences=proof.sentences,
        repairs=tuple(
            RepairRecord(kind=r.kind, sentence=r.sentence, changes=tuple(map(dict, r.changes)))
            for r in proof.repairs
        ),
    )
    return {
        "status": "INFEASIBLE",
        "reason": "infeasible",
        "message": proof.sentences[0] if proof.sentences else "No legal set of lines exists.",
        "explanation": explanation,
        "notes": proof.notes,
    }
