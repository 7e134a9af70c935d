"""People and hospitals to begin with; nothing here is real."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local_stack.keys import Keys
from planner_cli.embedded.example import load_problem
from planner_cli.embedded.migrate import connect

PASSWORD = "planner-local"  # noqa: S105 - opens nothing but a stack on the loopback
EXAMPLES = Path(__file__).parents[1] / "examples"


@dataclass(frozen=True, slots=True)
class Person:
    """A seeded user: what they may do, and where; no organisation for an outsider."""

    email: str
    org: str | None
    role: str | None


PEOPLE = (
    Person("planner@riverside.example", "Riverside Health", "planner"),
    Person("viewer@riverside.example", "Riverside Health", "viewer"),
    Person("admin@riverside.example", "Riverside Health", "admin"),
    Person("planner@hillcrest.example", "Hillcrest Network", "planner"),
    Person("outsider@nowhere.example", None, None),
)
#: Which example hospitals an organisation has.
HOSPITALS = {
    "Riverside Health": ("medium_regional", "large_metro"),
    "Hillcrest Network": ("small_rural",),
}


def seed(dsn: str, url: str, keys: Keys) -> None:
    """Add the people and the hospitals that are not there yet.

    Parameters
    ----------
    dsn
        Connection string of the owner of the schema.
    url, keys
        The stack, whose sign-in takes the people.
    """
    with connect(dsn) as connection:
        known = {name for (name,) in connection.execute("select name from public.orgs")}
    for org, examples in HOSPITALS.items():
        for example in examples if org not in known else ():
            problem = json.loads((EXAMPLES / f"{example}.json").read_text())
            load_problem(dsn, problem, org_name=org)
    for person in PEOPLE:
        add_person(url, keys, person.email, PASSWORD)
    _join(dsn, PEOPLE)


def add_person(url: str, keys: Keys, email: str, password: str) -> None:
    """Add a user over the admin interface of the sign-in, unless the email is registered."""
    body: dict[str, Any] = {"email": email, "password": password, "email_confirm": True}
    request = urllib.request.Request(  # noqa: S310 - our own stack
        f"{url}/auth/v1/admin/users",
        json.dumps(body).encode(),
        {
            "content-type": "application/json",
            "apikey": keys.service_role,
            "authorization": f"Bearer {keys.service_role}",
        },
    )
    try:
        urllib.request.urlopen(request, timeout=10).close()  # noqa: S310
    except urllib.error.HTTPError as error:
        with error:
            if error.code != 422:
                raise


def _join(dsn: str, people: Iterable[Person]) -> None:
    """Make the people members of their organisations."""
    with connect(dsn) as connection:
        for person in people:
            connection.execute(
                "insert into public.org_members (org, user_id, role)"
                " select org.id, person.id, %(role)s from public.orgs as org, auth.users as person"
                " where org.name = %(org)s and person.email = %(email)s on conflict do nothing",
                {"role": person.role, "org": person.org, "email": person.email},
            )
