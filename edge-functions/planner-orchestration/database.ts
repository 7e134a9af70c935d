/** The runs over PostgREST: the caller's token for what the caller asks, the service's for the rest. */

import { PostgrestClient, type PostgrestError } from "@supabase/postgrest-js";
import type { Database, Json } from "../_shared/database.types.ts";
import type { Project } from "../_shared/environment.ts";
import type { LogRow } from "../_shared/log.ts";
import type { Authorization, Cancelled, EarlierRun, Inserted, Refusal, Runs } from "./ports.ts";
import type { RunRequest } from "./run_request.ts";

const TIMEOUT_MS = 5_000;
const CANCELLED = ["CANCELLED", "ALREADY", "FINAL", "MISSING"] as const;

type Client = PostgrestClient<Database>;
type Failure = { error: PostgrestError; status: number };

/** The runs of one project. */
export class DatabaseRuns implements Runs {
  constructor(readonly project: Project) {}

  async insert(
    caller: Authorization,
    request: RunRequest,
    key: string | null,
  ): Promise<Inserted> {
    const answer = await this.#as(caller).from("allocation_planner_runs").insert({
      allocation_run: request.allocation_run,
      n_job_lines: request.n_job_lines,
      constraints: request.constraints as Json,
      options: request.options as Json,
      idempotency_key: key,
      // The organisation is the allocation run's: the database fills it in.
    } as never).select("id").abortSignal(deadline()).single<{ id: string }>();
    if (answer.error !== null) return refusalOf(answer);
    return { kind: "created", run: answer.data.id };
  }

  async findByKey(caller: Authorization, key: string): Promise<EarlierRun | null> {
    const me = subjectOf(caller);
    if (me === null) return null;
    const { data } = await this.#as(caller).from("allocation_planner_runs")
      .select("run:id, status, reason, allocation_run, n_job_lines, constraints, options")
      .eq("requested_by", me).eq("idempotency_key", key)
      .abortSignal(deadline()).maybeSingle<EarlierRun>();
    return data;
  }

  async findLive(caller: Authorization, allocationRun: string): Promise<string | null> {
    const { data } = await this.#as(caller).from("allocation_planner_runs").select("id")
      .eq("allocation_run", allocationRun).in("status", ["PENDING", "GENERATING"])
      .abortSignal(deadline()).maybeSingle<{ id: string }>();
    return data?.id ?? null;
  }

  async seesTarget(caller: Authorization, allocationRun: string): Promise<boolean> {
    const { data } = await this.#as(caller).from("allocation_runs").select("id")
      .eq("id", allocationRun).abortSignal(deadline()).maybeSingle<{ id: string }>();
    return data !== null;
  }

  async cancel(caller: Authorization, run: string): Promise<Cancelled> {
    const answer = await this.#as(caller).rpc("planner_cancel_run", { p_run: run })
      .abortSignal(deadline());
    if (answer.error !== null) return refusalOf(answer);
    const kind = CANCELLED.find((word) => word === answer.data);
    return kind === undefined
      ? { kind: "unreachable", message: `planner_cancel_run answered ${answer.data}` }
      : { kind };
  }

  async failLaunch(run: string, reason: string): Promise<string> {
    const { data, error } = await this.#asService()
      .rpc("planner_fail_launch", { p_run: run, p_reason: reason }).abortSignal(deadline());
    return error === null ? String(data) : `UNKNOWN (${error.code})`;
  }

  /** Append log rows; what goes wrong is only said on the function's own output. */
  async log(rows: LogRow[]): Promise<void> {
    const { error } = await this.#asService()
      .rpc("planner_log", { p_rows: rows as unknown as Json }).abortSignal(deadline());
    if (error !== null) console.log(JSON.stringify({ level: "WARNING", message: error.message }));
  }

  #as(authorization: Authorization): Client {
    return this.#client({ apikey: this.project.publishableKey, authorization });
  }

  #asService(): Client {
    const key = this.project.secretKey;
    // A legacy key is a token; a new one is exchanged for the role's token by the gateway.
    const token = key.startsWith("sb_") ? {} : { authorization: `Bearer ${key}` };
    return this.#client({ apikey: key, ...token });
  }

  #client(headers: Record<string, string>): Client {
    return new PostgrestClient<Database>(`${this.project.url}/rest/v1`, { headers });
  }
}

/** Name what the database said, by SQLSTATE first and by status otherwise. */
export function refusalOf({ error, status }: Failure): Refusal {
  const code = error.code ?? "";
  if (code === "23505") return takenOf(error);
  if (status === 401 || code.startsWith("PGRST30")) return { kind: "not signed in" };
  if (code === "42501") return { kind: "not allowed" };
  if (status === 429) return { kind: "too many", message: error.message };
  if (status === 400 || /^(22|23)/.test(code)) {
    // PLN05 names the field and what is wrong with it.
    const message = code === "PLN05" ? error.message : "The database cannot keep this request.";
    return { kind: "not valid", message };
  }
  return { kind: "unreachable", message: `the database: ${status} ${code} ${error.message}` };
}

function takenOf(error: PostgrestError): Refusal {
  if (error.message.includes("one_run_per_idempotency_key")) return { kind: "key used" };
  try {
    return { kind: "live run", run: String(JSON.parse(error.details).run) };
  } catch {
    return { kind: "live run" };
  }
}

/** Whose token it is; read, not trusted: the database has verified it by then. */
function subjectOf(authorization: Authorization): string | null {
  try {
    const payload = authorization.split(".")[1]!.replaceAll("-", "+").replaceAll("_", "/");
    const { sub } = JSON.parse(atob(payload));
    return typeof sub === "string" ? sub : null;
  } catch {
    return null;
  }
}

function deadline(): AbortSignal {
  return AbortSignal.timeout(TIMEOUT_MS);
}
