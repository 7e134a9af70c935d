"""The families of hospitals the solver is measured with: the same for a seed, made to be solved."""

import pytest

from planner_cli.domain.rules.catalogue import rule_book
from tests.benchmarks.families import FAMILIES, is_legal, mixed, of_family


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_is_made_around_legal_lines_within_its_posts(name: str) -> None:
    problem, lines = of_family(name, 12, 1)
    book = rule_book(problem)
    assert len(lines) == problem.n_job_lines == 12
    assert all(is_legal(line, book) for line in lines)
    for position in problem.positions:
        for term, most in enumerate(position.posts_max):
            held = sum(line.positions[term].id == position.id for line in lines)
            assert position.posts_min[term] <= held <= most


def test_the_same_seed_gives_the_same_hospital() -> None:
    assert of_family("network1", 12, 3) == of_family("network1", 12, 3)
    assert of_family("network1", 12, 3) != of_family("network1", 12, 4)
    assert mixed(5) == mixed(5)
