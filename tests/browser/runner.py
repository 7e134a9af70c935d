"""A runner that does what the test says: for states that a real one passes in a moment."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from tests.contract.hospital import Database, Hospital


@dataclass
class ScriptedRunner:
    """Claims, beats, commits and fails runs over the very functions the real runner calls."""

    database: Database
    hospital: Hospital
    run: UUID | None = None
    token: str = ""
    problem: dict[str, Any] = field(default_factory=dict)

    def claim(self) -> None:
        """Take the newest waiting run of the hospital."""
        self.run = self.database.value(
            "select id from public.allocation_planner_runs where allocation_run = %s"
            " order by created_at desc limit 1",
            self.hospital.allocation_run,
        )
        answer = self.database.value("select public.planner_claim_run(%s, 'scripted', 1)", self.run)
        assert answer["outcome"] == "CLAIMED", answer
        self.token, self.problem = answer["token"], answer["problem"]

    def beat(self, **progress: Any) -> str:
        """Send a heartbeat with this progress; return the database's word."""
        return str(
            self.database.value(
                "select public.planner_heartbeat(%s, %s, %s)", self.run, self.token, Jsonb(progress)
            )
        )

    def lines(self, *, shift: int = 0, digits: int = 3) -> list[dict[str, Any]]:
        """Return lines within the posts: each takes the positions in turn, from `shift` on.

        Locked lines stay as they are; `digits` is how names are numbered.
        """
        ids = [p["id"] for p in self.problem["positions"] if p["span_terms"] == 1]
        seats = {p["id"]: list(p["posts_max"]) for p in self.problem["positions"]}
        lines = [{"score": 50, **locked} for locked in self.problem["locked_lines"]]
        for rotation in (rotation for line in lines for rotation in line["rotations"]):
            seats[rotation["position"]][rotation["term"] - 1] -= 1
        kept = {line["name"] for line in lines}
        for number in range(self.problem["n_job_lines"]):
            name = f"Line {number + 1:0{digits}}"
            if name in kept:
                continue
            rotations = []
            for term in range(1, len(self.problem["terms"]) + 1):
                start = number + shift + 7 * term
                free = (ids[(start + i) % len(ids)] for i in range(len(ids)))
                position = next(p for p in free if seats[p][term - 1] > 0)
                seats[position][term - 1] -= 1
                rotations.append({"term": term, "position": position})
            week = 1 + (number * 5) % 40
            leave = [{"start_week": week, "weeks": 2}, {"start_week": week + 7, "weeks": 3}]
            lines.append(
                {"name": name, "score": 40 + number % 23, "rotations": rotations, "leave": leave}
            )
        return lines

    def commit(self, lines: list[dict[str, Any]] | None = None) -> str:
        """Write lines and complete the run; return the database's word."""
        lines = self.lines() if lines is None else lines
        result = {
            "status": "COMPLETED", "reason": "solved", "score": 5120, "bound": 5133, "gap": 0.0025,
            "message": f"{len(lines)} lines, proven within 0.25% of the best possible.",
            "statistics": {
                "n_lines": len(lines), "floor": 40, "mean": 51.0, "best": 62, "spread": 6.5,
                "near_clones": 0, "funded_posts": 120, "funded_posts_filled": 118,
                "accredited_posts": 150, "posts_used": 130,
            },
        }  # fmt: skip
        return str(
            self.database.value(
                "select public.planner_commit_lines(%s, %s, %s, %s)",
                self.run, self.token, Jsonb(lines), Jsonb(result),
            )
        )  # fmt: skip

    def finish(self, status: str, reason: str, message: str, **result: Any) -> str:
        """End the run without lines; return the database's word."""
        return str(
            self.database.value(
                "select public.planner_finish_run(%s, %s, %s, %s, %s, %s)",
                self.run, self.token, status, reason, message, Jsonb(result),
            )
        )  # fmt: skip
