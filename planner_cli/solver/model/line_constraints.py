"""The constraints on one line as arithmetic over positions: caps, covers, variety, order."""

from dataclasses import dataclass, replace
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from planner_cli.solver.arrays import Flags, Ints

#: Label of a position a constraint does not count.
NOT_COUNTED = -1


@dataclass(frozen=True, eq=False)
class Cap:
    """Of the terms a line spends under one label, the weights may not add up to more than a limit.

    Parameters
    ----------
    labels
        One label per position (later: per type), `NOT_COUNTED` where it does not count.
    limits
        One limit per label.
    weights
        One weight per term: its weeks, or 1 where terms are counted.
    factors
        One factor per position, by which its terms' weights are multiplied: where stays are
        counted, a term of a long stay is a part of one.
    """

    labels: Ints
    limits: Ints
    weights: Ints
    factors: Ints


@dataclass(frozen=True, eq=False)
class Variety:
    """At least `least` different labels over the terms that count (or at most `most`)."""

    labels: Ints
    counted: Flags
    least: int = 0
    most: int | None = None


class Order(Protocol):
    """A constraint on the order of terms: says what may come next on a line filled so far."""

    def take(self, chosen: Ints) -> Self:
        """Give the same over some of the positions."""

    def columns(self) -> list[Ints]:
        """Give what it reads of each position."""

    def open(self, held: npt.NDArray[np.int16], inside: Flags) -> Flags:
        """Say which position may come next.

        Parameters
        ----------
        held
            Positions of the terms filled, in order, shape (n, t).
        inside
            The line is inside a stay that goes on, shape (n,).

        Returns
        -------
        Flags
            Shape (n, K).
        """


@dataclass(frozen=True, eq=False)
class FewChanges:
    """The label changes at most so often."""

    labels: Ints
    most: int

    def take(self, chosen: Ints) -> "FewChanges":
        """Give the same over some of the positions."""
        return replace(self, labels=self.labels[chosen])

    def columns(self) -> list[Ints]:
        """Give what it reads of each position."""
        return [self.labels]

    def open(self, held: npt.NDArray[np.int16], inside: Flags) -> Flags:  # noqa: ARG002
        """Say which position may come next."""
        if not held.shape[1]:
            return np.ones((len(held), len(self.labels)), dtype=np.bool_)
        visited = self.labels[held]
        changes = (visited[:, 1:] != visited[:, :-1]).sum(axis=1)
        leaves = visited[:, -1:] != self.labels[None, :]
        fine: Flags = changes[:, None] + leaves <= self.most
        return fine


@dataclass(frozen=True, eq=False)
class NotNext:
    """After a stay in `first` no stay in `then` follows."""

    first: Flags
    then: Flags

    def take(self, chosen: Ints) -> "NotNext":
        """Give the same over some of the positions."""
        return NotNext(self.first[chosen], self.then[chosen])

    def columns(self) -> list[Ints]:
        """Give what it reads of each position."""
        return [self.first.astype(np.int64), self.then.astype(np.int64)]

    def open(self, held: npt.NDArray[np.int16], inside: Flags) -> Flags:
        """Say which position may come next."""
        if not held.shape[1]:
            return np.ones((len(held), len(self.then)), dtype=np.bool_)
        barred = self.first[held[:, -1]] & ~inside
        fine: Flags = ~(barred[:, None] & self.then[None, :])
        return fine


@dataclass(frozen=True, eq=False)
class EarnedFirst:
    """A stay in `then` begins only after enough of `first`; one weight per term."""

    first: Flags
    then: Flags
    least: int
    weights: Ints

    def take(self, chosen: Ints) -> "EarnedFirst":
        """Give the same over some of the positions."""
        return replace(self, first=self.first[chosen], then=self.then[chosen])

    def columns(self) -> list[Ints]:
        """Give what it reads of each position."""
        return [self.first.astype(np.int64), self.then.astype(np.int64)]

    def open(self, held: npt.NDArray[np.int16], inside: Flags) -> Flags:
        """Say which position may come next."""
        earned = (self.first[held] * self.weights[: held.shape[1]]).sum(axis=1) >= self.least
        fine: Flags = (earned | inside)[:, None] | ~self.then[None, :]
        return fine


@dataclass(frozen=True, eq=False)
class LineConstraints:
    """Every constraint on one line, as arithmetic over positions (or types) and terms.

    Parameters
    ----------
    weeks
        Weeks of each term, shape (T,).
    caps, varieties, orders
        See their classes.
    masks, wanted
        A bit per thing every line must hold, per position; a line holds all bits of `wanted`.
    homes
        Labels, such as sites, and how many terms the most frequent one must have at least.
    single_stay
        No position twice on one line.
    impossible
        Names of rules no line of this year can satisfy, whatever it holds.
    relaxed
        Names of rules that leave decides in part: a line within these constraints may
        still break them.
    """

    weeks: Ints
    caps: tuple[Cap, ...]
    varieties: tuple[Variety, ...]
    orders: tuple[Order, ...]
    masks: Ints
    wanted: int
    homes: tuple[tuple[Ints, int], ...]
    single_stay: bool
    impossible: tuple[str, ...]
    relaxed: tuple[str, ...]

    @property
    def n_terms(self) -> int:
        """Terms of the year."""
        return len(self.weeks)

    def forbidden(self) -> Flags:
        """Say which position (or type) no line may hold in which term, shape (K, T)."""
        banned = np.zeros((len(self.masks), self.n_terms), dtype=np.bool_)
        for cap in self.caps:
            limits = np.append(cap.limits, np.iinfo(np.int64).max)[cap.labels]
            banned |= cap.weights[None, :] * cap.factors[:, None] > limits[:, None]
        return banned

    def signature(self) -> list[tuple[int, ...]]:
        """Give what is read of each position: equal signatures, equal before the constraints."""
        columns = [cap.labels for cap in self.caps] + [v.labels for v in self.varieties]
        columns += [cap.factors for cap in self.caps]
        columns += [column for order in self.orders for column in order.columns()]
        columns += [labels for labels, _ in self.homes]
        rows = np.stack([self.masks, *columns], axis=1)
        return [tuple(row) for row in rows.tolist()]

    def take(self, chosen: Ints) -> "LineConstraints":
        """Give the same constraints over some of the positions, one per type."""
        return replace(
            self,
            caps=tuple(
                replace(cap, labels=cap.labels[chosen], factors=cap.factors[chosen])
                for cap in self.caps
            ),
            varieties=tuple(replace(v, labels=v.labels[chosen]) for v in self.varieties),
            orders=tuple(order.take(chosen) for order in self.orders),
            masks=self.masks[chosen],
            homes=tuple((labels[chosen], least) for labels, least in self.homes),
        )
