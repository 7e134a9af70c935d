/** Row security for subscribers: each change is looked up again under the claims of who listens. */

// @ts-types="@types/pg"
import pg from "pg";
import type { Claims } from "../tokens.ts";
import type { Change } from "./protocol.ts";

const SETTLE_MS = 5;
const SETTLED_WITHIN_MS = 5_000;
const ROLES = new Set(["anon", "authenticated", "service_role"]);

export class Rights {
  readonly #columns = new Map<string, Promise<Set<string>>>();

  constructor(readonly pool: pg.Pool) {}

  /** The change as these claims may see it; null if they may not. Deletes name their key only. */
  async seen(change: Change, claims: Claims): Promise<Change | null> {
    if (!ROLES.has(claims.role)) return null;
    const allowed = await this.#allowedColumns(change, claims.role);
    if (allowed.size === 0) return null;
    await this.#settled(change.transaction);
    if (change.type !== "DELETE" && !(await this.#rowIsVisible(change, claims))) return null;
    const keep = (record: Record<string, unknown>, names: Set<string>) =>
      Object.fromEntries(Object.entries(record).filter(([name]) => names.has(name)));
    return {
      ...change,
      columns: change.columns.filter(({ name }) => allowed.has(name)),
      record: keep(change.record, allowed),
      old_record: keep(change.old_record, new Set(change.keys)),
    };
  }

  /** Wait until others see a transaction: its commit is in the log a moment before. */
  async #settled(transaction: number): Promise<void> {
    const until = performance.now() + SETTLED_WITHIN_MS;
    while (performance.now() < until) {
      const { rows: [found] } = await this.pool.query<{ settled: boolean }>(
        `select pg_visible_in_snapshot(
           (((pg_snapshot_xmax(now)::text::bigint >> 32) << 32) + $1)::text::xid8, now) as settled
           from pg_current_snapshot() as now`,
        [transaction],
      );
      if (found?.settled) return;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    }
  }

  async #rowIsVisible(change: Change, claims: Claims): Promise<boolean> {
    const where = change.keys.map((key, i) => `${pg.escapeIdentifier(key)} = $${i + 1}`);
    if (where.length === 0) return false;
    const client = await this.pool.connect();
    try {
      await client.query("begin read only");
      await client.query(
        "select set_config('role', $1, true), set_config('request.jwt.claims', $2, true)",
        [claims.role, JSON.stringify(claims)],
      );
      const { rowCount } = await client.query(
        `select 1 from ${tableOf(change)} where ${where.join(" and ")}`,
        change.keys.map((key) => change.record[key]),
      );
      return rowCount === 1;
    } catch {
      return false;
    } finally {
      await client.query("rollback").catch(() => {});
      client.release();
    }
  }

  #allowedColumns(change: Change, role: string): Promise<Set<string>> {
    const table = tableOf(change);
    const key = `${role} ${table}`;
    let found = this.#columns.get(key);
    if (found === undefined) {
      found = this.pool.query<{ attname: string }>(
        `select attname from pg_attribute where attrelid = $1::regclass and attnum > 0
           and not attisdropped and has_column_privilege($2, attrelid, attnum, 'select')`,
        [table, role],
      ).then(({ rows }) => new Set(rows.map((row) => row.attname)));
      found.catch(() => this.#columns.delete(key));
      this.#columns.set(key, found);
    }
    return found;
  }
}

function tableOf({ schema, table }: Change): string {
  return `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table)}`;
}
