"""`planner rules [NAME]`: the catalogue, with bounds and sources."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from planner_cli.domain.rules.base import Rule
    from planner_cli.domain.rules.catalogue import Pack


def rules(
    name: Annotated[str | None, typer.Argument(help="A pack or a rule; absent: all.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one object.")] = False,
) -> None:
    """Show the packs and rules, their bounds, and where each number comes from."""
    from planner_cli.cli import console
    from planner_cli.domain.issues import InputIssue, ProblemInvalid, nearest
    from planner_cli.domain.rules.catalogue import RULE_TYPES, default_rule, packs

    if name is not None and name.upper() not in {*RULE_TYPES, *packs()}:
        remedy = nearest(name, [*RULE_TYPES, *packs()])
        raise ProblemInvalid([InputIssue("NAME", name, "unknown pack or rule", remedy)])
    chosen_packs = [p for p in packs().values() if name is None or p.name == name.upper()]
    chosen_rules = [default_rule(r) for r in RULE_TYPES if name is None or r == name.upper()]
    if as_json:
        console.show_json(_document(chosen_packs, chosen_rules))
    else:
        _show(chosen_packs, chosen_rules, whole=name is None)


def _document(packs: "list[Pack]", rules: "list[Rule]") -> dict[str, Any]:
    return {
        "packs": [
            {
                "name": pack.name,
                "place": pack.place,
                "year": pack.year,
                "n_terms": pack.n_terms,
                "annual_leave_weeks": pack.annual_leave_weeks,
                "note": pack.note,
                "rules": [_rule_document(rule) for rule in pack.rules],
            }
            for pack in packs
        ],
        "rules": [
            _rule_document(rule)
            | {"clauses": list(rule.CLAUSES), "set_clauses": list(rule.SET_CLAUSES)}
            for rule in rules
        ],
    }


def _rule_document(rule: "Rule") -> dict[str, Any]:
    return {
        "name": rule.NAME,
        "means": rule.MEANS,
        "bounds": rule.bounds(),
        "sources": list(rule.evidence.sources),
        "certainty": rule.evidence.certainty,
        "note": rule.evidence.note,
    }


def _show(packs: "list[Pack]", rules: "list[Rule]", *, whole: bool) -> None:
    from rich.text import Text

    from planner_cli.cli import console

    if whole:
        console.show(_packs_table(packs), Text(), _rules_table(rules), Text())
        console.show(Text("planner rules NAME shows one with its sources.", style="dim"))
        return
    for pack in packs:
        shape = f", {pack.n_terms} terms" if pack.n_terms else ""
        head = Text.assemble((pack.name, "bold"), f"  {pack.place}, {pack.year}{shape}")
        console.show(head, Text(pack.note, style="yellow") if pack.note else Text())
        for rule in pack.rules:
            _show_rule(rule)
        if not pack.rules:
            console.show(Text("No rules: any position in any term.", style="dim"))
    for rule in rules:
        _show_rule(rule)


def _show_rule(rule: "Rule") -> None:
    from rich.padding import Padding
    from rich.text import Text

    from planner_cli.cli import console
    from planner_cli.domain.rules.base import CERTAINTY_MEANS

    certainty = rule.evidence.certainty
    sure = CERTAINTY_MEANS[certainty] if certainty else "local rule: no regulator asks for it"
    style = "bold yellow" if certainty in {"C", "D"} else "dim"
    console.show(
        Text.assemble((rule.NAME, "bold"), f"  {_bounds(rule)}"),
        Padding(Text(rule.MEANS), (0, 0, 0, 2)),
        Padding(Text(sure, style=style), (0, 0, 0, 2)),
        *(Padding(Text(source, style="dim"), (0, 0, 0, 2)) for source in rule.evidence.sources),
        *([Padding(Text(rule.evidence.note), (0, 0, 0, 2))] if rule.evidence.note else []),
        Text(),
    )


#: Columns of the table of packs: heading, rule, bound.
_COLUMNS = (
    ("Categories", "REQUIRED_CATEGORIES", "categories"),
    ("Weeks", "MIN_WEEKS", "min"),
    ("Terms", "MIN_TERMS", "min"),
    ("Specialty", "MAX_SPECIALTY_SHARE", "max"),
    ("Subspec.", "MAX_SUBSPECIALTY_SHARE", "max"),
    ("Service", "MAX_SERVICE_SHARE", "max"),
    ("Team", "MIN_TEAM_SHARE", "min"),
)
_SIGNS = {"MAX": "≤ ", "MIN": "≥ "}


def _packs_table(packs: "list[Pack]") -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, 1), pad_edge=False, header_style="bold")
    table.add_column("Pack", no_wrap=True)
    table.add_column("For", overflow="fold")
    for heading, _, _ in _COLUMNS:
        table.add_column(heading, no_wrap=True)
    table.add_column("And", overflow="fold")
    for pack in packs:
        table.add_row(pack.name, pack.place, *_pack_cells(pack))
    return table


def _pack_cells(pack: "Pack") -> list[str]:

    rules = {rule.NAME: rule for rule in pack.rules}
    cells = []
    for _, name, bound in _COLUMNS:
        rule = rules.pop(name, None)
        value = "" if rule is None else _text(rule.bounds()[bound])
        cells.append(f"{_SIGNS.get(name[:3], '')}{value}" if value else "·")
    more = [f"{name} {_bounds(rule)}" for name, rule in rules.items()]
    if pack.note.startswith("UNVERIFIED"):
        more.append("unverified")
    return [*cells, ", ".join(more)]


def _rules_table(rules: "list[Rule]") -> Any:
    from rich.table import Table

    table = Table(box=None, padding=(0, 2), pad_edge=False, header_style="bold")
    for heading in ("Rule", "Default bounds", "Means"):
        table.add_column(heading, no_wrap=heading == "Rule", overflow="fold")
    for rule in rules:
        table.add_row(rule.NAME, _bounds(rule) or "none", rule.MEANS)
    return table


def _bounds(rule: "Rule") -> str:

    return ", ".join(
        f"{name} {_text(value)}" for name, value in rule.bounds().items() if value not in (None, ())
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.0%}"
    if isinstance(value, tuple):
        splits = bool(value) and isinstance(value[0], tuple)
        return (" or " if splits else "+").join(map(_text, value))
    return str(value)
