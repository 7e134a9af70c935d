"""Which positions are meant: by any mix of what a position says of itself."""

from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Self

from pydantic import Field

from planner_cli.domain.problem import Category, Document, Name, Position

#: What positions can be told apart by; `key` is the subspecialty, or the specialty where none is.
Label = Literal["position", "site", "team", "specialty", "subspecialty", "key"]

_LABELS: Mapping[Label, Callable[[Position], str | None]] = {
    "position": lambda position: position.id,
    "site": lambda position: position.site,
    "team": lambda position: position.team_key,
    "specialty": lambda position: position.specialty,
    "subspecialty": lambda position: position.subspecialty,
    "key": lambda position: position.key,
}


def label_of(position: Position, by: Label) -> str | None:
    """Return what a position is called by one of its labels; None where it has none."""
    return _LABELS[by](position)


class Selector(Document):
    """Positions that match every field given, and in each field one of its values.

    An absent field asks nothing, so that the empty selector means every position.
    """

    positions: tuple[Name, ...] | None = None
    specialties: tuple[Name, ...] | None = None
    subspecialties: tuple[Name, ...] | None = None
    sites: tuple[Name, ...] | None = None
    teams: tuple[Name, ...] | None = None
    categories: tuple[Category, ...] | None = None
    service: Annotated[
        Literal["relief", "nights"] | bool | None,
        Field(description="relief, nights, true for either, false for neither."),
    ] = None
    rural: bool | None = None
    community: bool | None = None
    clinical_team: bool | None = None
    non_clinical: bool | None = None
    not_: Annotated[Self | None, Field(alias="not")] = None

    def matches(self, position: Position) -> bool:
        """Say whether a position is meant."""
        named = (
            (self.positions, position.id),
            (self.specialties, position.specialty),
            (self.subspecialties, position.subspecialty),
            (self.sites, position.site),
            (self.teams, position.team_key),
        )
        flags = (
            (self.rural, position.rural),
            (self.community, position.community),
            (self.clinical_team, position.clinical_team),
            (self.non_clinical, position.non_clinical),
        )
        return (
            all(wanted is None or own in wanted for wanted, own in named)
            and all(wanted is None or own == wanted for wanted, own in flags)
            and (
                self.categories is None or not set(self.categories).isdisjoint(position.categories)
            )
            and self._matches_service(position)
            and not (self.not_ is not None and self.not_.matches(position))
        )

    def _matches_service(self, position: Position) -> bool:
        if isinstance(self.service, bool):
            return (position.service is not None) == self.service
        return self.service is None or position.service == self.service


EVERY_POSITION = Selector()
