"""Reading a problem: a document becomes a `Problem`, or every field at fault is named."""

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from planner_cli.domain.contradictions import contradictions
from planner_cli.domain.issues import InputIssue, ProblemInvalid, nearest, nearest_of, shorten
from planner_cli.domain.problem import Problem

_REMEDIES = {
    "missing": "Add it.",
    "extra_forbidden": "Remove it, or correct its spelling.",
    "int_type": "Give a whole number.",
    "int_from_float": "Give a whole number.",
    "bool_type": "Give true or false.",
    "string_type": "Give a text.",
    "string_too_short": "Give a text that is not empty.",
    "tuple_type": "Give a list.",
    "finite_number": "Give a finite number.",
}


def read_problem(document: object) -> Problem:
    """Read and check a problem.

    Parameters
    ----------
    document
        The decoded JSON of a `planner.problem/1`.

    Returns
    -------
    Problem
        Valid in itself: whether it has an answer is the solver's question.

    Raises
    ------
    ProblemInvalid
        Naming every field at fault, its value, and what to do.
    """
    _refuse_other_documents(document)
    try:
        problem = Problem.model_validate(document)
    except ValidationError as error:
        raise ProblemInvalid(_shape_issues(error, document)) from None
    issues = contradictions(problem)
    if issues:
        raise ProblemInvalid(issues)
    return problem


def _refuse_other_documents(document: object) -> None:
    """Say so in one sentence, instead of naming each field a problem does not have."""
    schema = document.get("schema") if isinstance(document, dict) else None
    if isinstance(schema, str) and not schema.startswith("planner.problem/"):
        message, remedy = "is not a problem", "Give a planner.problem/1."
        if schema.startswith("planner.result/"):
            message, remedy = "is the answer to a problem", "Give the planner.problem/1 it answers."
        raise ProblemInvalid([InputIssue("schema", shorten(schema), message, remedy)])


def _shape_issues(error: ValidationError, document: object) -> Iterator[InputIssue]:
    if not isinstance(document, dict):
        yield InputIssue(
            "problem", shorten(document), "is not an object", "Give a planner.problem/1."
        )
        return
    errors = error.errors()
    caused = _caused_by_others(errors)
    for index, found in enumerate(errors):
        if index in caused:
            continue
        path = _path(found["loc"])
        value = "" if found["type"] == "missing" else shorten(found["input"])
        yield InputIssue(path, value, _shape_message(found), _shape_remedy(found))


def _caused_by_others(errors: Sequence[Any]) -> set[int]:
    """Name the errors that only follow from another: one mistake is told once.

    A list whose items are wrong counts as empty; a field that is missing because it is misspelt
    beside its place is told as the misspelling.
    """
    caused = set()
    for index, found in enumerate(errors):
        place = found["loc"]
        if found["type"] in {"too_short", "too_long"} and found["input"]:
            inside = (e["loc"][: len(place)] == place for i, e in enumerate(errors) if i != index)
            if any(inside):
                caused.add(index)
        elif found["type"] == "missing":
            beside = (
                str(other["loc"][-1])
                for other in errors
                if other["type"] == "extra_forbidden" and other["loc"][:-1] == place[:-1]
            )
            if any(str(place[-1]) in nearest_of(word, _fields_at(place)) for word in beside):
                caused.add(index)
    return caused


def _fields_at(location: tuple[int | str, ...]) -> list[str]:
    """Return the fields of the object a location is in."""
    model: Any = Problem
    for part in location[:-1]:
        field = model.model_fields.get(str(part)) or next(
            (f for f in model.model_fields.values() if f.alias == part), None
        )
        model = _model_in(field.annotation) if field is not None else model
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> Any:
    """Return the model inside a type such as `tuple[Term, ...]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for m in map(_model_in, get_args(annotation)) if m is not None), None)


def _shape_message(found: Any) -> str:
    kind = found["type"]
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not a field there"
    message = str(found["msg"])
    return message[:1].lower() + message[1:]


def _shape_remedy(found: Any) -> str:
    kind, limits = found["type"], found.get("ctx", {})
    if kind == "extra_forbidden":
        return nearest(str(found["loc"][-1]), _fields_at(found["loc"]))
    if kind == "literal_error":
        return f"Give one of {limits['expected']}."
    for name, words in (("ge", "at least"), ("gt", "more than"), ("le", "at most")):
        if name in limits:
            return f"Give {words} {limits[name]}."
    return _REMEDIES.get(kind, "See docs/problem.schema.json.")


def _path(location: tuple[int | str, ...]) -> str:
    text = ""
    for part in location:
        if isinstance(part, int):
            text += f"[{part}]"
        elif part not in {"str", "dict[str,any]"}:
            text += f".{part}" if text else part
    return text or "problem"
