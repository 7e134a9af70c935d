"""The problem the planner is given: `planner.problem/1`, in a claim, a file and a replay alike."""

from collections.abc import Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

MAX_LINES = 10_000
MAX_POSTS = 1_000
MAX_POSITIONS = 5_000
MAX_TERMS = 12

Category = Literal["A", "B", "C", "D"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Count = Annotated[int, Field(strict=True, ge=0, le=MAX_POSTS)]
Flag = Annotated[bool, Field(strict=True)]


class Document(BaseModel):
    """Base of every model read from outside: frozen, unknown fields refused, no NaN or infinity."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )


class Term(Document):
    """A block of weeks of the clinical year; numbered from 1 for people and in JSON."""

    weeks: Annotated[int, Field(strict=True, ge=1, le=53, description="Length in weeks.")]
    starts_on: Annotated[date | None, Field(description="First day of the term.")] = None


class Position(Document):
    """A role on a unit, with its posts (seats) in each term."""

    id: Name
    name: Name
    site: Name
    team: Name | None = None
    specialty: Name
    subspecialty: Name | None = None
    categories: Annotated[
        tuple[Category, ...],
        Field(
            description="Clinical experience: A undifferentiated, B chronic, C acute, D procedural."
        ),
    ]
    service: Annotated[
        Literal["relief", "nights"] | None,
        Field(description="A service term: relief or nights."),
    ] = None
    rural: Flag = False
    community: Flag = False
    clinical_team: Annotated[
        bool, Field(strict=True, description="The doctor is embedded in a clinical team.")
    ] = True
    non_clinical: Flag = False
    excludable: Annotated[
        bool, Field(strict=True, description="May be dropped if only that saves the run.")
    ] = False
    span_terms: Annotated[
        Literal[1, 2], Field(description="Consecutive terms one stay here takes.")
    ] = 1
    posts_min: Annotated[
        tuple[Count, ...], Field(description="Funded posts in each term: to be filled.")
    ]
    posts_max: Annotated[
        tuple[Count, ...], Field(description="Accredited posts in each term: never exceeded.")
    ]

    @property
    def key(self) -> str:
        """The subspecialty, or the specialty where there is none: what affinity speaks of."""
        return self.subspecialty or self.specialty

    @property
    def team_key(self) -> str:
        """The team, or the key where no team is named: what variety of teams counts."""
        return self.team or self.key


class Rotation(Document):
    """A position in a term on a line."""

    term: Annotated[int, Field(strict=True, ge=1, le=MAX_TERMS, description="Counted from 1.")]
    position: Name


class Leave(Document):
    """A block of annual leave; `start_week` 1 is the first week of the year."""

    start_week: Annotated[int, Field(strict=True, ge=1, le=53)]
    weeks: Annotated[int, Field(strict=True, ge=1, le=53)]

    @property
    def end_week(self) -> int:
        """The last week of the block, counted from 1."""
        return self.start_week + self.weeks - 1


class LineRecord(Document):
    """A job line as it is written down: in results, in locked lines and in `planner check`."""

    name: Name
    score: Annotated[int | None, Field(description="Score of the line alone.")] = None
    rotations: tuple[Rotation, ...]
    leave: tuple[Leave, ...] = ()


class Pathway(Document):
    """Lines that must contain given positions and specialties, such as a rural generalist year.

    A line serves the pathway when it holds every one of `positions` and, for every one of
    `specialties`, a position of that specialty or subspecialty.
    """

    name: Name
    n_lines: Annotated[int, Field(strict=True, ge=1, le=MAX_LINES)]
    positions: tuple[Name, ...] = ()
    specialties: tuple[Name, ...] = ()
    strength: Annotated[
        Literal["at_least", "exactly", "preferred"],
        Field(
            description="at_least and exactly are rules for the set; preferred is met as far as it "
            "costs no post and no rule, and reported."
        ),
    ] = "at_least"


class Options(Document):
    """How to solve: limits and repeatability; nothing here changes what a legal line is."""

    time_limit_seconds: Annotated[
        float, Field(gt=0, le=86_400, description="Outer stop by the wall clock.")
    ] = 120.0
    target_gap: Annotated[
        float | None, Field(ge=0, le=1, description="Stop as soon as this gap is proven.")
    ] = None
    seed: Annotated[int, Field(strict=True, ge=0, le=2**31 - 1)] = 1
    workers: Annotated[int, Field(strict=True, ge=1, le=64)] = 1


class Problem(Document):
    """A hospital's clinical year to be built: terms, positions, rules and the number of lines."""

    schema_: Annotated[Literal["planner.problem/1"], Field(alias="schema")] = "planner.problem/1"
    name: Name
    provenance: Annotated[
        str | None, Field(max_length=2_000, description="What is real here and what is assumed.")
    ] = None
    n_job_lines: Annotated[int, Field(strict=True, ge=1, le=MAX_LINES)]
    terms: Annotated[tuple[Term, ...], Field(min_length=1, max_length=MAX_TERMS)]
    positions: Annotated[tuple[Position, ...], Field(min_length=1, max_length=MAX_POSITIONS)]
    constraints: Annotated[
        tuple[str | dict[str, Any], ...],
        Field(description="Names of packs and rules, or objects with `name` and bounds."),
    ]
    annual_leave_weeks: Annotated[
        int | None,
        Field(
            strict=True, ge=0, le=26, description="Leave of each line; absent: the pack's, or 0."
        ),
    ] = None
    affinity: Annotated[
        dict[Name, dict[Name, Annotated[int, Field(strict=True, ge=-100, le=100)]]] | None,
        Field(description="Worth of two keys on one line; absent: the sourced prior; {}: none."),
    ] = None
    locked_lines: tuple[LineRecord, ...] = ()
    pathways: tuple[Pathway, ...] = ()
    allow_partial: Annotated[
        bool, Field(strict=True, description="Fewer lines than asked are an answer.")
    ] = False
    options: Options = Options()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy the problem; what was computed of the old fields is computed anew."""
        copied = super().model_copy(update=update, deep=deep)
        for name in ("year_weeks", "position_by_id", "first_weeks"):
            copied.__dict__.pop(name, None)
        return copied

    @cached_property
    def year_weeks(self) -> int:
        """Weeks of the clinical year: the base of every percentage."""
        return sum(term.weeks for term in self.terms)

    @cached_property
    def position_by_id(self) -> dict[str, Position]:
        """Each position under its id."""
        return {position.id: position for position in self.positions}

    @cached_property
    def first_weeks(self) -> tuple[int, ...]:
        """First week of each term, counted from 1 over the year."""
        starts, week = [], 1
        for term in self.terms:
            starts.append(week)
            week += term.weeks
        return tuple(starts)
