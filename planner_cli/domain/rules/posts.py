"""Rules on the whole set: funded posts filled, locked lines kept, pathways served."""

from typing import ClassVar

from planner_cli.domain.constraints.clause import Template
from planner_cli.domain.rules.base import Rule, rule_dataclass


@rule_dataclass
class FillPosts(Rule):
    """Every funded post (`posts_min`) is filled in every term.

    An excludable position that nobody holds in any term counts as dropped: its posts need not be
    filled. The planner drops one only if that saves the run.

    Without it an unfilled funded post costs 1000 in the score and is listed with its reason.

    Source: local rule of a hospital: funded posts are what must be filled.
    """

    NAME: ClassVar[str] = "FILL_POSTS"
    MEANS: ClassVar[str] = "Every funded post is filled."
    BLAME: ClassVar[int] = 2
    SET_CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "posts_filled",
            "says": "{name} ({position}) in Term {term}: {found} of {limit} funded posts filled",
        },
    )


@rule_dataclass
class LockedLines(Rule):
    """Every locked line is in the set exactly as it was locked.

    Source: the hospital's own decision: what was tuned by hand stays.
    """

    NAME: ClassVar[str] = "LOCKED_LINES"
    MEANS: ClassVar[str] = "Locked lines are kept untouched."
    WITHOUT: ClassVar[str] = "unlock the locked lines"
    SET_CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "lines_kept",
            "lines": {"bound": "locked_lines"},
            "says": {
                "missing": "locked line {name} is missing",
                "changed": "locked line {name} was changed",
            },
        },
    )


@rule_dataclass
class PathwayLines(Rule):
    """Enough lines serve each pathway of the problem.

    Source: the hospital's own programmes (rural generalist and the like).
    """

    NAME: ClassVar[str] = "PATHWAY"
    MEANS: ClassVar[str] = "Enough lines serve each pathway."
    WITHOUT: ClassVar[str] = "give up the pathways"
    SET_CLAUSES: ClassVar[tuple[Template, ...]] = (
        {
            "kind": "lines_served",
            "for_each": "pathways",
            "name": {"item": "name"},
            "n_lines": {"item": "n_lines"},
            "positions": {"item": "positions"},
            "specialties": {"item": "specialties"},
            "strength": {"item": "strength"},
            "says": {
                "few": "pathway {name}: {found} lines serve it, {limit} needed",
                "many": "pathway {name}: {found} lines serve it, {limit} wanted",
                "wish": "The preferred pathway {name} is served by {found} lines of the {limit} "
                "wished for.",
            },
        },
    )
