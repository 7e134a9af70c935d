"""Posts as changes: in words, for machines, and made in a problem."""

from planner_cli.domain.problem import Position, Problem
from planner_cli.domain.rules.book import RuleBook
from planner_cli.domain.words import listed
from planner_cli.solver import parameters
from planner_cli.solver.explain.judge import Judge
from planner_cli.solver.explain.lines_lp import Posts, more_posts
from planner_cli.solver.model.remaining_posts import RemainingPosts


def missing_posts(problem: Problem, book: RuleBook, judge: Judge) -> Posts | None:
    """Find the fewest posts to add: those the locked lines overdraw, and those new lines need."""
    free = RemainingPosts(problem, book)
    posts = {
        (index, term): free.n_kept[term, index] - problem.positions[index].posts_max[term]
        for term, index in free.overdrawn()
    }
    if posts:
        problem = with_posts(problem, posts, "posts_max", 1)
        if judge.verdict(problem, book) != "impossible":
            return posts
    more = more_posts(problem, book, judge.stop)
    if more is None:
        return None
    return {cell: posts.get(cell, 0) + more.get(cell, 0) for cell in {**posts, **more}}


def with_posts(problem: Problem, posts: Posts, field: str, sign: int) -> Problem:
    """Give the problem with more (or, by a negative sign, fewer) posts."""

    def changed(index: int, position: Position) -> Position:
        numbers = getattr(position, field)
        new = tuple(n + sign * posts.get((index, term), 0) for term, n in enumerate(numbers))
        return position if new == numbers else position.model_copy(update={field: new})

    positions = tuple(changed(index, p) for index, p in enumerate(problem.positions))
    return problem.model_copy(update={"positions": positions})


def post_rows(problem: Problem, posts: Posts, sign: int) -> tuple[dict[str, object], ...]:
    """Write posts down for machines."""
    return tuple(
        {"position": problem.positions[index].id, "term": term + 1, "posts": sign * n_posts}
        for (index, term), n_posts in sorted(posts.items(), key=_by_term)
    )


def _by_term(item: tuple[tuple[int, int], int]) -> tuple[int, int]:
    (index, term), _ = item
    return term, index


def posts_in_words(problem: Problem, posts: Posts, more: str) -> str:
    """Say posts: 3 more posts: 2 of Renal (RENAL) in Term 1 and 1 of ..."""
    named = [
        f"{n_posts} of {problem.positions[index].name} ({problem.positions[index].id}) "
        f"in Term {term + 1}"
        for (index, term), n_posts in sorted(posts.items(), key=_by_term)
    ]
    total = sum(posts.values())
    head = f"{total} {more} {'post' if total == 1 else 'posts'}"
    if len(named) > parameters.MOST_NAMED:
        named = [
            *named[: parameters.MOST_NAMED - 1],
            f"{len(named) - parameters.MOST_NAMED + 1} more places",
        ]
    return f"{head}: {listed(named)}"
