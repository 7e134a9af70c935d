# ruff: noqa: INP001
"""Write what the page takes from the planner itself: the catalogue, and cases both must agree on.

`python dashboard/generate.py` writes, `--check` only says whether a file has drifted (exit 1).
"""

import itertools
import json
import random
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from planner_cli.domain.constraints.clause import build
from planner_cli.domain.constraints.on_line import LINE_KINDS
from planner_cli.domain.issues import ProblemInvalid
from planner_cli.domain.lines import JobLine
from planner_cli.domain.problem import Leave, LineRecord, Problem, Rotation
from planner_cli.domain.reading import read_problem
from planner_cli.domain.referee import violations
from planner_cli.domain.rules.base import CERTAINTY_MEANS
from planner_cli.domain.rules.catalogue import RULE_TYPES
from planner_cli.domain.scoring import score
from planner_cli.workbook import LineSet, sheets
from planner_cli.workbook.words import BOUND_LABELS, FILLS, unit_of

HOUSE = Path(__file__).resolve().parent.parent
LIB = HOUSE / "dashboard" / "src" / "lib"
#: Bounds beside each rule's defaults, so that every branch of a rule is met.
_OTHER_BOUNDS: tuple[dict[str, Any], ...] = (
    {"name": "MIN_TERMS", "min": 3, "level": "specialty", "service": True},
    {"name": "MIN_TERMS", "min": 5, "min_weeks": 8, "level": "none"},
    {"name": "MIN_WEEKS", "min": 48},
    {"name": "MAX_SPECIALTY_SHARE", "max": 0.3},
    {"name": "MAX_SERVICE_SHARE", "max": 0.1, "net_of_leave": True},
    {"name": "MIN_TEAM_SHARE", "min": 0.9},
    {"name": "MAX_RURAL_TERMS", "max": 0},
    {"name": "MAX_NON_CLINICAL_TERMS", "max": 0},
    {"name": "MIN_DISTINCT_SPECIALTIES", "min": 5},
    {"name": "MIN_HOME_TERMS", "min": 4},
    {"name": "MAX_SITE_CHANGES", "max": 0},
    {
        "name": "ANNUAL_LEAVE",
        "weeks": 5,
        "blocks": [[5], [2, 3]],
        "min_gap_weeks": 8,
        "max_share_on_leave": 0.4,
        "max_weeks_per_term": 2,
    },
)


def catalogue() -> dict[str, Any]:
    """Give `planner rules --json`, each rule with the JSON Schema of its bounds."""
    command = [sys.executable, "-m", "planner_cli", "rules", "--json"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True, cwd=HOUSE)  # noqa: S603
    document: dict[str, Any] = json.loads(answer.stdout)
    for rule in document["rules"]:
        schema = TypeAdapter(RULE_TYPES[rule["name"]]).json_schema()["properties"]
        rule["schema"] = {
            name: {key: value for key, value in bound.items() if key not in {"title", "default"}}
            for name, bound in schema.items()
            if name != "evidence"
        }
        rule["unit"] = unit_of(rule["name"])
    return document | {"labels": BOUND_LABELS, "certainty": CERTAINTY_MEANS, "fills": FILLS}


def cases() -> dict[str, Any]:
    """Give random lines of an example, and what the referee says of them under every rule."""
    document = json.loads((HOUSE / "examples" / "medium_regional.json").read_text("utf-8"))
    n_terms = len(document["terms"])
    for position in document["positions"]:
        position["posts_min"] = [min(1, n) for n in position["posts_min"]]
    # No unit of the example is without patients; the page must know one all the same.
    document["positions"][2]["non_clinical"] = True
    document |= {"n_job_lines": 24, "locked_lines": [], "pathways": [], "allow_partial": True}
    document |= {"constraints": ["UNRESTRICTED"], "annual_leave_weeks": None}
    document["pathways"] = [
        {"name": "one unit", "n_lines": 9, "positions": [document["positions"][0]["id"]]},
        {"name": "exactly", "n_lines": 1, "specialties": [document["positions"][1]["specialty"]],
         "strength": "exactly"},
    ]  # fmt: skip
    lines = _random_lines(Problem.model_validate(document), n_terms)
    constraints: list[Any] = [[name] for name in RULE_TYPES if name != "LOCKED_LINES"]
    constraints += [[bounds] for bounds in _OTHER_BOUNDS]
    said = []
    for chosen in constraints:
        problem = read_problem(document | {"constraints": chosen})
        said.append({"constraints": chosen, "violations": _of_rule(problem, lines, chosen)})
    problem = read_problem(document)
    return {
        "problem": {key: document[key] for key in ("name", "terms", "positions", "pathways")},
        "lines": [line.model_dump(mode="json") for line in lines],
        "scores": list(score(problem, _job_lines(problem, lines)).of_lines),
        "cases": said,
        "extra": [_long(document)],
        "sets": _sets(document, lines),
        "readings": _readings(document),
        "constraints": _constraints(problem, lines),
        "workbook": _workbook(document, lines),
    }


#: A piece of every sentence the referee has: each must be said, and not said, somewhere here. Two
#: rotations in one term and a rotation outside the year cannot be: the page holds one per term.
_BRANCHES = (
    "lines, ", "lines are named", "0 positions in Term", "unknown position",
    "leave overlap in week", "leave ends in week", "found alone in Term", "accredited posts",
    "no term in category", "in different subspecialties", "in different specialties",
    "weeks or more, ",
    "weeks of practice beside leave", "of the year), at most", "of the year), at least",
    "weeks of service terms", "weeks in a clinical team", "non-clinical term", "rural term",
    "community term", "service terms, at most", "nights in Term", "relief in Term",
    "times, once allowed", "different specialties, at least", "terms at ", "changes of site",
    "weeks of leave, ", "leave split", "weeks between blocks of leave", "weeks of leave in Term",
    "on leave from", "funded posts filled", "serve it, 9 needed", "serve it, 1 wanted",
)  # fmt: skip


def _sets(document: dict[str, Any], lines: list[LineRecord]) -> list[dict[str, Any]]:
    """Give whole sets with faults no rule is about, and what the referee says of each."""
    first, second, *_ = lines
    positions = [*document["positions"], _long(document)]
    held = [r.position for r in first.rotations]

    def changed(line: LineRecord, ids: list[str], **more: Any) -> dict[str, Any]:
        rotations = [{"term": t, "position": p} for t, p in enumerate(ids, 1) if p]
        return line.model_dump(mode="json") | {"rotations": rotations} | more

    crowd = [changed(first, held, name=f"C{n}") for n in range(12)]
    overlap = [{"start_week": 3, "weeks": 3}, {"start_week": 5, "weeks": 2}]
    tried: list[tuple[list[dict[str, Any]], dict[str, Any]]] = [
        ([line.model_dump(mode="json") for line in lines], {}),
        ([changed(first, held)], {"n_job_lines": 2}),
        ([changed(first, held), changed(second, held), changed(first, held)], {"n_job_lines": 2}),
        ([changed(first, ["", *held[1:]])], {}),
        ([changed(first, ["NOWHERE", *held[1:]])], {}),
        ([changed(first, held, leave=overlap)], {}),
        ([changed(first, held, leave=[{"start_week": 51, "weeks": 4}])], {}),
        ([changed(first, ["LONG", "LONG", *held[2:]])], {}),
        ([changed(first, ["LONG", held[1], "LONG", *held[3:]])], {}),
        ([changed(first, [*held[:-1], "LONG"])], {"constraints": ["FILL_POSTS"]}),
        ([changed(first, held)], {"constraints": ["FILL_POSTS"]}),
        (crowd, {"constraints": ["VIC_PGY1"]}),
    ]
    sets = []
    for records, changes in tried:
        asked = {"n_job_lines": len(records), "allow_partial": False} | changes
        problem = read_problem(document | {"positions": positions, "pathways": []} | asked)
        found = violations(problem, [LineRecord.model_validate(record) for record in records])
        constraints = changes.get("constraints", document["constraints"])
        sets.append(
            {
                "constraints": constraints,
                "asked": {"nJobLines": asked["n_job_lines"], "allowPartial": False},
                "lines": records,
                "violations": [
                    {"rule": v.rule, "line": v.line, "message": v.message} for v in found
                ],
            }
        )
    return sets


#: Random constraints of each kind that both sides must judge alike.
_PER_KIND = 15


def _constraints(problem: Problem, records: list[LineRecord]) -> list[dict[str, Any]]:
    """Give random constraints of every kind, and each line's breaches of them."""
    chance = random.Random(20261127)  # noqa: S311
    lines = _job_lines(problem, records)
    judged: list[dict[str, Any]] = []
    for kind in LINE_KINDS:
        broken = 0
        for _ in range(_PER_KIND):
            own = _constraint(kind, chance, len(problem.terms), problem)
            found = [list(build(kind, own).breaches(line)) for line in lines]
            broken += sum(map(bool, found))
            breaches = [[asdict(one) for one in ones] for ones in found]
            judged.append({"constraint": {"kind": kind, **own}, "breaches": breaches})
        assert broken >= 0.2 * _PER_KIND * len(lines), f"{kind} is too seldom broken"  # noqa: S101
    return judged


def _constraint(kind: str, chance: random.Random, n_terms: int, problem: Problem) -> dict[str, Any]:
    def selector(*, deep: bool = True) -> dict[str, Any]:
        some = chance.choice(problem.positions)
        choices: list[dict[str, Any]] = [
            {}, {"specialties": [some.specialty]}, {"sites": [some.site]}, {"rural": True},
            {"categories": [chance.choice("ABCD")]}, {"service": chance.choice([True, False])},
            {"service": "nights"}, {"positions": [some.id]}, {"teams": [some.team_key]},
            {"clinical_team": True, "non_clinical": False}, {"subspecialties": [some.key]},
        ]  # fmt: skip
        chosen = chance.choice(choices)
        return {"not": selector(deep=False)} if deep and chance.random() < 0.4 else chosen

    labels = ["position", "site", "team", "specialty", "subspecialty", "key"]
    in_terms = chance.choice([None, [1, 3], list(range(2, n_terms + 1))])
    least = chance.choice([None, chance.randint(1, 4)])
    most = chance.randint(0, 2) if least is None else None
    own: dict[str, Any]
    if kind == "count":
        unit = chance.choice(["terms", "weeks", "practice", "stays"])
        by = None if least or unit == "practice" else chance.choice([None, *labels])
        whole = unit == "stays" or (unit == "practice" and least)
        where = {} if unit == "practice" and least else selector()
        scale = 12 if unit in {"weeks", "practice"} else 1
        own = {"unit": unit, "by": by, "where": where, "in_terms": None if whole else in_terms}
        own["at_least"] = least and least * scale
        own["at_most"] = None if most is None else most * scale
    elif kind == "distinct":
        own = {"at_least": least, "at_most": most, "in_terms": in_terms, "where": selector()}
    elif kind == "before":
        own = {"first": selector(), "then": selector(), "at_least": chance.randint(1, 3)}
        own["unit"] = chance.choice(["terms", "weeks"])
    elif kind == "leave":
        own = {"weeks": chance.choice([None, 4, 5]), "min_gap_weeks": chance.randint(0, 9)}
        own["splits"] = chance.choice([[], [[2, 3]], [[2, 2], [5]]])
        own["most_in_term"] = chance.choice([None, 2])
    else:
        others: dict[str, dict[str, Any]] = {
            "changes": {"at_most": chance.randint(0, 3)},
            "adjacent": {
                "first": chance.choice([{}, selector()]),
                "then": chance.choice([{}, {}, selector()]),
            },
            "same": {"where": selector()},
        }
        own = others[kind]
    return own | ({"by": chance.choice(labels)} if kind in {"distinct", "changes", "same"} else {})


def _long(document: dict[str, Any]) -> dict[str, Any]:
    """Give a position of two terms that may be dropped, and has funded posts."""
    posts = {"posts_min": [1] * len(document["terms"])}
    long = {"id": "LONG", "span_terms": 2, "excludable": True}
    return dict(document["positions"][0]) | long | posts


def unbroken(document: dict[str, Any]) -> list[str]:
    """Name the rules and branches of the referee that these cases never break: there are none."""
    broken = {
        chosen if isinstance(chosen, str) else chosen["name"]
        for case in document["cases"]
        if case["violations"]
        for chosen in case["constraints"]
    }
    messages = [v["message"] for case in document["cases"] for v in case["violations"]]
    messages += [v["message"] for one in document["sets"] for v in one["violations"]]
    rules = [name for name in RULE_TYPES if name != "LOCKED_LINES" and name not in broken]
    return rules + [part for part in _BRANCHES if not any(part in m for m in messages)]


def _workbook(document: dict[str, Any], lines: list[LineRecord]) -> dict[str, Any]:
    """Give the cells of the workbook of some of the lines, the first of them locked."""
    chosen = [line.model_copy(update={"score": 40 + i}) for i, line in enumerate(lines[:4])]
    locked = [chosen[0].model_dump(mode="json")]
    changes = {"constraints": ["VIC_PGY1", "ANNUAL_LEAVE"], "locked_lines": locked}
    problem = read_problem(document | changes)
    laid_out = sheets(LineSet.of(problem, chosen))
    return {
        "constraints": changes["constraints"],
        "lines": [line.model_dump(mode="json") for line in chosen],
        "sheets": [
            {
                "name": sheet.name,
                "widths": sheet.widths,
                "frozenRows": sheet.frozen_rows,
                "frozenColumns": sheet.frozen_columns,
                "rows": [[cell and cell.to_json() for cell in row] for row in sheet.rows],
            }
            for sheet in laid_out
        ],
    }


def _job_lines(problem: Problem, records: list[LineRecord]) -> list[JobLine]:
    return [JobLine.from_record(record, problem) for record in records]


def _of_rule(problem: Problem, lines: list[LineRecord], chosen: list[Any]) -> list[Any]:
    name = chosen[0] if isinstance(chosen[0], str) else chosen[0]["name"]
    return [
        {"line": found.line, "message": found.message, "found": found.found, "limit": found.limit}
        for found in violations(problem, lines)
        if found.rule == name
    ]


def _random_lines(problem: Problem, n_terms: int) -> list[LineRecord]:
    chance = random.Random(20261123)  # noqa: S311
    lines = []
    for number in range(1, problem.n_job_lines + 1):
        held = [chance.choice(problem.positions) for _ in range(n_terms)]
        if number % 4 == 0:
            held[1] = held[0]
        starts = sorted(chance.sample(range(1, 49), 2))
        lengths = chance.choice([(2, 3), (3, 2), (2, 2), (5, 0), (1, 1)])
        leave = [
            Leave(start_week=start, weeks=weeks)
            for start, weeks in zip(starts, lengths, strict=True)
            if weeks
        ]
        if len(leave) == 2 and leave[0].end_week >= leave[1].start_week:
            leave = leave[:1]
        rotations = tuple(
            Rotation(term=term, position=position.id) for term, position in enumerate(held, 1)
        )
        lines.append(LineRecord(name=f"L{number:03}", rotations=rotations, leave=tuple(leave)))
    return lines


def _readings(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Give constraints, well formed and not, and whether the planner accepts them."""
    values: dict[str, list[Any]] = {
        "integer": [0, 4, 12, 13, 53, 54, -1, 2.5, "3", None],
        "number": [0, 0.25, 1, 1.01, -0.1, None],
        "boolean": [True, "yes"],
        "string": ["subspecialty", "none", "area", ""],
        "array": [[], ["A", "B"], ["E"], [[5], [2, 3]], [[2, 0]], [[27]]],
    }
    tried: list[list[Any]] = [["VIC_PGY1"], ["VIC_PGY1", "NSW_PGY1"], ["VIC_PGY1", "NO_NIGHTS"]]
    tried += [["NO_SUCH_RULE"], ["NO_NIGHTS", "NO_NIGHTS"], [{"name": "NO_NIGHTS", "max": 1}], []]
    for rule in catalogue()["rules"]:
        for bound, schema in rule["schema"].items():
            kinds = {schema.get("type")} | {s.get("type") for s in schema.get("anyOf", ())}
            known = (values.get(kind, [None]) for kind in sorted(map(str, kinds)))
            tried.extend(
                [{"name": rule["name"], bound: value}] for value in itertools.chain(*known)
            )
    return [{"constraints": chosen, "fields": _fields(document, chosen)} for chosen in tried]


def _fields(document: dict[str, Any], chosen: list[Any]) -> list[str]:
    try:
        read_problem(document | {"constraints": chosen})
    except ProblemInvalid as invalid:
        return sorted({issue.field for issue in invalid.issues})
    return []


def _complete(document: dict[str, Any]) -> dict[str, Any]:
    assert not (missing := unbroken(document)), f"never broken: {missing}"  # noqa: S101
    return document


def main() -> int:
    """Write the files, or with --check say which have drifted."""
    written = {
        LIB / "catalogue.json": catalogue(),
        LIB / "fixtures" / "referee.json": _complete(cases()),
    }
    drifted = []
    for path, document in written.items():
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
        if path.exists() and path.read_text("utf-8") == text:
            continue
        drifted.append(path.name)
        if "--check" not in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    if "--check" in sys.argv and drifted:
        sys.stderr.write(f"drifted: {', '.join(drifted)}; run python dashboard/generate.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
