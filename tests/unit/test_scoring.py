"""The score of a set of lines, by hand."""

import json
from itertools import combinations
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from planner_cli.domain.lines import JobLine
from planner_cli.domain.outcomes import closeness, gap
from planner_cli.domain.problem import Position, Problem
from planner_cli.domain.reading import read_problem
from planner_cli.domain.scoring import affinity_of, line_score, n_duplicates, near_clones, score

EXAMPLES = Path(__file__).parents[2] / "examples"


def hospital(**fields: object) -> Problem:
    areas = {
        "ed": ("Emergency medicine", None),
        "icu": ("Intensive care medicine", None),
        "card": ("Internal medicine", "Cardiology"),
        "cts": ("Surgery", "Cardiothoracic surgery"),
        "gp": ("General practice", None),
        "paed": ("Paediatrics", None),
    }
    positions = [
        {"id": id, "name": id, "site": "Home", "specialty": specialty, "subspecialty": sub,
         "categories": [], "posts_min": [0] * 4, "posts_max": [9] * 4}
        for id, (specialty, sub) in areas.items()
    ]  # fmt: skip
    plain = {"name": "t", "n_job_lines": 2, "terms": [{"weeks": 13}] * 4, "constraints": []}
    return read_problem({**plain, "positions": positions, **fields})


def line_of(problem: Problem, ids: str) -> JobLine:
    positions = tuple(problem.position_by_id[id] for id in ids.split())
    return JobLine(ids, positions, problem.terms)


def points(problem: Problem, ids: str) -> int:
    return line_score(line_of(problem, ids).positions, affinity_of(problem))


def test_each_distinct_team_counts_ten_and_a_missing_team_counts_as_its_key() -> None:
    problem = hospital(affinity={})
    assert points(problem, "ed icu card gp") == 40
    assert points(problem, "ed ed card gp") == 30


def test_affinity_is_summed_over_the_pairs_of_terms_both_ways_round() -> None:
    problem = hospital(
        affinity={"Cardiology": {"Paediatrics": 7}, "Paediatrics": {"Paediatrics": 3}}
    )
    assert points(problem, "card paed ed gp") == 40 + 7
    assert points(problem, "paed ed card gp") == 40 + 7
    assert points(problem, "paed paed card gp") == 30 + 7 + 7 + 3


def test_without_a_matrix_the_sourced_pairs_count_and_no_others() -> None:
    problem = hospital()
    liked = {
        pair
        for pair in combinations(["ed", "icu", "card", "cts", "gp", "paed"], 2)
        if affinity_of(problem).get(
            (problem.position_by_id[pair[0]].key, problem.position_by_id[pair[1]].key)
        )
    }
    # internal medicine & intensive care, cardiothoracic surgery & cardiology, and so on
    assert liked == {("ed", "icu"), ("icu", "card"), ("card", "cts"), ("gp", "paed")}


def test_the_total_is_sum_and_floor_less_duplicates_and_unfilled_posts() -> None:
    problem = hospital(affinity={})
    document = problem.model_dump(mode="json", by_alias=True)
    document["positions"][0]["posts_min"] = [2, 0, 0, 1]
    problem = read_problem(document)
    same = [line_of(problem, "ed icu card gp"), line_of(problem, "icu ed gp card")]
    found = score(problem, same)
    assert found.of_lines == (40, 40)
    assert found.duplicates == 1
    assert found.unfilled == 2
    assert found.total == 80 + 2 * 40 - 100 * 1 - 1000 * 2


def test_duplicates_compare_sets_of_positions() -> None:
    problem = hospital(affinity={})
    lines = [line_of(problem, ids) for ids in ("ed ed gp icu", "ed gp gp icu", "ed gp icu card")]
    assert n_duplicates(lines) == 1


@given(st.lists(st.lists(st.sampled_from(["ed", "icu", "gp", "paed"]), min_size=4, max_size=4)))
def test_near_clones_are_the_pairs_that_differ_in_at_most_one_position(
    ids: list[list[str]],
) -> None:
    problem = hospital(affinity={})
    lines = [line_of(problem, " ".join(line)) for line in ids]

    def alike(first: JobLine, second: JobLine) -> bool:
        rest = [p.id for p in second.positions]
        for position in first.positions:
            if position.id in rest:
                rest.remove(position.id)
        return len(rest) <= 1

    assert near_clones(lines) == sum(alike(a, b) for a, b in combinations(lines, 2))


def test_an_empty_set_of_lines_scores_its_unfilled_posts_only() -> None:
    problem = read_problem(json.loads((EXAMPLES / "small_rural.json").read_text()))
    funded = sum(sum(position.posts_min) for position in problem.positions)
    assert score(problem, []).total == -1000 * funded


def test_every_position_has_a_key() -> None:
    problem = hospital()
    keys = {p.id: p.key for p in problem.positions if isinstance(p, Position)}
    assert keys["card"] == "Cardiology"
    assert keys["ed"] == "Emergency medicine"


def test_an_answer_is_never_said_to_be_closer_to_the_best_than_it_is() -> None:
    assert closeness(gap(4_000, 4_000)) == "the best possible, proven"
    assert closeness(gap(3_990, 4_000)) == "proven within 0.25% of the best possible"
    assert closeness(gap(3_999_999, 4_000_000)) == "proven within 0.01% of the best possible"
