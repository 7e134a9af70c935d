"""Thousands of rows: all of them arrive, and quickly."""

import time
from typing import Any

from tests.database.house import House, line

N_LINES, N_TERMS, N_POSITIONS = 3_000, 5, 400


def big_problem() -> dict[str, Any]:
    posts = {"posts_min": [0] * N_TERMS, "posts_max": [8] * N_TERMS}
    return {
        "n_job_lines": N_LINES,
        "terms": [{"weeks": 10}] * N_TERMS,
        "positions": [
            {
                "id": f"P{n}",
                "name": f"P{n}",
                "site": "S",
                "specialty": "X",
                "categories": [],
                **posts,
            }
            for n in range(N_POSITIONS)
        ],
    }


def big_lines(shift: int) -> list[dict[str, Any]]:
    return [
        line(f"L{n}", *(f"P{(n + term * 7 + shift) % N_POSITIONS}" for term in range(N_TERMS)))
        for n in range(N_LINES)
    ]


#: Seconds this takes where 15,000 rotations take 0.6 to 0.9 s, with nothing else running.
QUIET_SECONDS = 0.19


def pace(house: House) -> float:
    """How many times slower than that the machine is at this moment, by the same sort of work."""
    start = time.perf_counter()
    house.run("select sum(hashint8(i)) from generate_series(1, 1000000) i")
    return max(1.0, (time.perf_counter() - start) / QUIET_SECONDS)


def test_15_000_rotations_are_committed_in_under_a_second(house: House) -> None:
    """The best of up to five, over lines that are there, at the pace of a quiet machine."""
    hospital = house.add_hospital("Beta", **big_problem())
    seconds: list[float] = []
    while len(seconds) < 6 and min(seconds[1:], default=1.0) >= 1.0:
        run, token = house.claimed(hospital, n=N_LINES)
        given = big_lines(len(seconds))
        before = pace(house)
        start = time.perf_counter()
        assert house.commit(run, token, given) == "COMPLETED"
        took = time.perf_counter() - start
        seconds.append(took / max(before, pace(house)))
        assert house.value("select count(*) from rotations") == N_LINES * N_TERMS
    assert min(seconds[1:]) < 1.0, seconds
    kept = house.value("select array_agg(n_lines order by created_at) from job_lines_history")
    assert kept[:2] == [0, N_LINES]


def test_every_one_of_20_000_posts_is_in_the_claim(house: House) -> None:
    positions = [
        {
            "id": f"P{n}",
            "name": f"P{n}",
            "site": "S",
            "specialty": "X",
            "categories": [],
            "posts_min": [0] * N_TERMS,
            "posts_max": [n % 9] * N_TERMS,
        }
        for n in range(4_000)
    ]
    hospital = house.add_hospital("Beta", **{**big_problem(), "positions": positions})
    claimed = house.claim(house.request(hospital))["problem"]["positions"]
    assert sum(len(position["posts_max"]) for position in claimed) == 20_000
    assert {p["id"]: p["posts_max"][0] for p in claimed} == {f"P{n}": n % 9 for n in range(4_000)}
