"""The whole catalogue: what must hold for every table, policy, function and foreign key."""

# ruff: noqa: S608 - the statements are made of this file's own words

import re
from pathlib import Path

import pytest

from tests.database.house import House

RUNNER = {
    "planner_claim_next",
    "planner_claim_run",
    "planner_commit_lines",
    "planner_fail_launch",
    "planner_finish_run",
    "planner_give_up_claim",
    "planner_health",
    "planner_heartbeat",
    "planner_log",
    "planner_logs",
    "planner_recording",
    "planner_sweep",
}
EVERYONE_SIGNED_IN = {
    "planner_apply_post_change",
    "planner_ask_post_change",
    "planner_cancel_run",
    "planner_contract_version",
    "planner_diff_lines",
    "planner_list_history",
    "planner_queue_position",
    "planner_restore_lines",
    "planner_undo_post_change",
    "planner_withdraw_post_change",
}
#: Whole-table rights; what is granted by column is in `COLUMNS`.
TABLES = {
    "allocation_planner_runs": ("", "SELECT"),
    "planner_run_inputs": ("SELECT", "SELECT"),
    "job_lines_history": ("SELECT", "SELECT"),
    "system_logs": ("SELECT", "SELECT"),
    "planner_settings": ("", "SELECT"),
    "planner_request_ledger": ("", ""),
    "job_line_sets": ("SELECT", "SELECT"),
    "planner_post_changes": ("SELECT", "SELECT"),
    "orgs": ("SELECT", "DELETE INSERT SELECT UPDATE"),
    "org_members": ("SELECT", "DELETE INSERT SELECT UPDATE"),
    **dict.fromkeys(
        (
            "positions",
            "allocation_runs",
            "terms",
            "posts",
            "job_lines",
            "rotations",
            "leave_blocks",
        ),
        ("DELETE SELECT", "DELETE INSERT SELECT UPDATE"),
    ),
}


def found(house: House, sql: str) -> list[object]:
    return [row[0] for row in house.run(sql).fetchall()]


def test_every_table_has_row_security(house: House) -> None:
    assert not found(
        house,
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'p') and not relrowsecurity",
    )


@pytest.mark.parametrize(("n", "role"), [(0, "authenticated"), (1, "service_role")])
def test_tables_are_granted_exactly_as_listed(house: House, n: int, role: str) -> None:
    rows = house.run(
        "select c.relname, coalesce(string_agg(a.privilege_type, ' ' order by a.privilege_type)"
        "   filter (where a.grantee = %s::regrole), '')"
        "  from pg_class c left join aclexplode(c.relacl) a on true"
        " where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' group by c.relname",
        role,
    ).fetchall()
    assert dict(rows) == {table: rights[n] for table, rights in TABLES.items()}


def test_nobody_else_has_any_right_on_a_table_column_or_sequence(house: House) -> None:
    assert not found(
        house,
        "select c.relname || ' ' || a.grantee from pg_class c, aclexplode(c.relacl) a"
        " where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')"
        " and a.grantee not in (c.relowner, 'authenticated'::regrole, 'service_role'::regrole)",
    )
    assert not found(
        house,
        "select attname from pg_attribute, aclexplode(attacl) a"
        " where attrelid in (select oid from pg_class"
        "   where relnamespace = 'public'::regnamespace)"
        " and a.grantee not in ('authenticated'::regrole, 'service_role'::regrole)",
    )


def test_columns_of_runs_are_granted_exactly_as_listed(house: House) -> None:
    def columns(role: str, right: str) -> set[object]:
        return set(
            found(
                house,
                "select attname::text from pg_attribute, aclexplode(attacl) a"
                " where attrelid = 'public.allocation_planner_runs'::regclass"
                f" and a.grantee = '{role}'::regrole and a.privilege_type = '{right}'",
            )
        )

    every = set(
        found(
            house,
            "select attname::text from pg_attribute where attnum > 0"
            " and attrelid = 'public.allocation_planner_runs'::regclass",
        )
    )
    asked = {"org", "allocation_run", "n_job_lines", "constraints", "options"}
    asked.add("idempotency_key")
    assert columns("authenticated", "SELECT") == every - {"token"}
    assert columns("authenticated", "INSERT") == asked
    assert columns("service_role", "INSERT") == asked | {"requested_by"}
    for role in ("authenticated", "service_role"):
        assert columns(role, "UPDATE") == set()


def test_functions_are_granted_exactly_as_listed(house: House) -> None:
    def granted(role: str) -> set[object]:
        return set(
            found(
                house,
                "select p.proname::text from pg_proc p where pronamespace = 'public'::regnamespace"
                f" and has_function_privilege('{role}', p.oid, 'execute')",
            )
        )

    assert granted("service_role") == RUNNER | EVERYONE_SIGNED_IN
    assert granted("authenticated") == EVERYONE_SIGNED_IN
    assert granted("anon") == set()


def test_private_functions_are_granted_only_where_a_public_one_needs_them(house: House) -> None:
    def granted(role: str) -> set[object]:
        return set(
            found(
                house,
                "select p.proname::text from pg_proc p"
                " where pronamespace = 'planner_private'::regnamespace"
                f" and has_function_privilege('{role}', p.oid, 'execute')",
            )
        )

    users = {"may", "cancel_run", "restore_lines", "queue_position", "contract_version"}
    users |= {"diff_lines", "ask_post_change", "decide_post_change"}
    # What CHECK constraints ask runs with the rights of whoever writes the row.
    users |= {"objection_to", "is_plain_text"}
    assert granted("authenticated") == users
    runner = {name.removeprefix("planner_") for name in RUNNER} - {"logs"}
    assert granted("service_role") == users | runner | {"commit_and_record", "logs_of_run"}
    assert granted("anon") == set()


def test_l2_every_function_looks_in_pg_catalog_and_only_last_in_pg_temp(house: House) -> None:
    assert not found(
        house,
        "select p.oid::regprocedure from pg_proc p"
        " where pronamespace in ('public'::regnamespace, 'planner_private'::regnamespace)"
        " and not coalesce('search_path=pg_catalog, pg_temp' = any (proconfig), false)",
    )


def test_definer_rights_are_used_in_the_private_schema_only(house: House) -> None:
    assert not found(
        house,
        "select p.oid::regprocedure from pg_proc p"
        " where pronamespace = 'public'::regnamespace and prosecdef",
    )


def test_every_function_that_writes_for_the_api_has_its_own_time_limit(house: House) -> None:
    assert not found(
        house,
        "select p.proname from pg_proc p where pronamespace = 'public'::regnamespace"
        " and provolatile = 'v' and p.proname <> 'planner_log'"
        " and not exists (select from unnest(proconfig) c where c like 'statement_timeout=%')",
    )


def test_every_policy_is_for_signed_in_users_and_asks_who_they_are_once(house: House) -> None:
    policies = house.run(
        "select tablename, policyname, roles::text, coalesce(qual, '') || coalesce(with_check, '')"
        " from pg_policies where schemaname = 'public'"
    ).fetchall()
    assert policies
    for table, name, roles, rule in policies:
        assert roles == "{authenticated}", (table, name)
        assert "auth.uid()" not in rule.replace("( SELECT auth.uid() AS uid)", ""), (table, name)
        assert "planner_private.may(" not in rule.replace("( SELECT planner_private.may(", ""), (
            table,
            name,
        )


def test_l9_every_foreign_key_has_an_index_that_begins_with_its_columns(house: House) -> None:
    assert not found(
        house,
        "select conrelid::regclass || ' ' || conname from pg_constraint k"
        " where contype = 'f' and connamespace = 'public'::regnamespace and not exists ("
        "   select from pg_index i where i.indrelid = k.conrelid and i.indpred is null"
        "      and (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] = k.conkey)",
    )


def test_l9_a_table_that_no_policy_opens_says_why(house: House) -> None:
    closed = house.run(
        "select c.relname, obj_description(c.oid, 'pg_class') from pg_class c"
        " where relnamespace in ('public'::regnamespace, 'planner_private'::regnamespace)"
        "   and relkind = 'r' and relrowsecurity"
        "   and not exists (select from pg_policy where polrelid = c.oid)"
    ).fetchall()
    assert {name for name, _ in closed} == {"planner_settings", "planner_request_ledger"}
    for name, comment in closed:
        assert "Row security without a policy: " in comment, name


def test_the_page_for_operators_gives_each_setting_its_true_default(house: House) -> None:
    page = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    table = page.partition("| column | default | meaning |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| (`.+?`) \| (.+?) \|", table, re.MULTILINE)
    assert len(rows) >= 8
    for columns, defaults in rows:
        names = re.findall(r"`(\w+)`", columns)
        for name, default in zip(names, defaults.split(", "), strict=True):
            (value,) = found(house, f"select {name}::text from public.planner_settings")
            assert value == default, name


def test_everything_that_belongs_to_an_organisation_points_at_it_with_its_keys(
    house: House,
) -> None:
    """A foreign key between tables of organisations carries org, or a key that already does."""
    loose = found(
        house,
        "select conrelid::regclass || ' ' || conname from pg_constraint k"
        " where contype = 'f' and connamespace = 'public'::regnamespace"
        "   and confrelid <> 'public.orgs'::regclass and confrelid <> 'auth.users'::regclass"
        "   and not exists (select from pg_attribute a where a.attrelid = k.conrelid"
        "      and a.attnum = any (k.conkey) and a.attname in ('org', 'allocation_run'))",
    )
    assert not loose


def test_l8_no_unique_key_tells_what_another_organisation_has(house: House) -> None:
    """A key over what an organisation writes carries org, or is an id nobody chooses."""
    assert not found(
        house,
        "select c.relname || ': ' || pg_get_indexdef(i.indexrelid) from pg_index i"
        "  join pg_class c on c.oid = i.indrelid"
        " where c.relnamespace = 'public'::regnamespace and i.indisunique"
        "   and c.relname in ('positions', 'terms', 'posts', 'job_lines', 'rotations',"
        "                     'leave_blocks', 'allocation_runs')"
        "   and pg_get_indexdef(i.indexrelid) !~ '\\(id\\)'"
        "   and not exists (select from pg_attribute a where a.attrelid = c.oid"
        "         and a.attname = 'org' and a.attnum = any (i.indkey))",
    )


def test_everything_public_is_commented(house: House) -> None:
    assert not found(
        house,
        "select c.oid::regclass::text from pg_class c"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'v')"
        "   and obj_description(c.oid, 'pg_class') is null"
        " union all select a.attrelid::regclass || '.' || a.attname from pg_attribute a"
        "   join pg_class c on c.oid = a.attrelid"
        " where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') and a.attnum > 0"
        "   and not a.attisdropped and col_description(a.attrelid, a.attnum) is null"
        " union all select p.oid::regprocedure::text from pg_proc p"
        " where pronamespace in ('public'::regnamespace, 'planner_private'::regnamespace)"
        "   and obj_description(p.oid, 'pg_proc') is null",
    )


def test_runs_are_published_for_realtime(house: House) -> None:
    assert found(
        house,
        "select tablename::text from pg_publication_tables where pubname = 'supabase_realtime'",
    ) == ["allocation_planner_runs"]
