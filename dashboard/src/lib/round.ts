/** What every feature reads of an allocation run: its year, its lines, its planner runs. */

import { queryOptions } from "@tanstack/react-query";
import type { Bounds, Constraint, Line, Pathway, Progress, ResultMetadata, Year } from "./problem";
import { readPathway, readPosition } from "./reading";
import { dataOf, Refused, rowOf, supabase } from "./supabase";

/** Rows a request may bring at most: PostgREST cuts longer lists silently. */
const PAGE = 1000;

/** An allocation run with all it is made of. */
export interface Round extends Year {
  readonly id: string;
  readonly org: string;
  readonly status: string;
  readonly constraints: readonly Constraint[];
  readonly options: Readonly<Record<string, unknown>>;
  /** How many lines the year has doctors for; null where the round does not say. */
  readonly nJobLines: number | null;
  readonly termIds: readonly string[];
  /** Row ids of the positions by the id that problems use. */
  readonly positionRows: ReadonlyMap<string, string>;
}

export const keys = {
  round: (id: string) => ["round", id] as const,
  lines: (id: string) => ["lines", id] as const,
  /** Begins as the lines' own key does: whoever reads the lines again reads this again. */
  set: (id: string) => ["lines", id, "set"] as const,
  runs: (id: string) => ["runs", id] as const,
  run: (id: string) => ["run", id] as const,
  history: (id: string) => ["history", id] as const,
};

/** Fetch every page of a list; `page` asks for the rows from one index to another. */
export async function allPages<T>(page: (from: number, to: number) => Promise<T[]>): Promise<T[]> {
  const rows: T[] = [];
  for (;;) {
    const next = await page(rows.length, rows.length + PAGE - 1);
    rows.push(...next);
    if (next.length < PAGE) return rows;
  }
}

/** The allocation run with terms, positions and posts. */
export const roundQuery = (id: string) =>
  queryOptions({ queryKey: keys.round(id), queryFn: () => fetchRound(id), staleTime: 60_000 });

async function fetchRound(id: string): Promise<Round> {
  const db = supabase();
  const [round, terms, posts] = await Promise.all([
    db.from("allocation_runs").select("*").eq("id", id).maybeSingle().then(rowOf),
    db.from("terms").select("id, number, weeks, starts_on").eq("allocation_run", id).order("number").then(dataOf),
    allPages(async (from, to) =>
      dataOf(
        await db
          .from("posts")
          .select("term, position, posts_min, posts_max")
          .eq("allocation_run", id)
          .order("position")
          .order("term")
          .range(from, to),
      ),
    ),
  ]);
  if (!round) throw new Refused("This allocation run does not exist, or you may not see it.", 404);
  const rows = await allPages(async (from, to) =>
    dataOf(await db.from("positions").select("*").eq("org", round.org).order("id").range(from, to)),
  );
  const seats = Map.groupBy(posts, (post) => post.position);
  const termIndex = new Map(terms.map((term, index) => [term.id, index]));
  const used = rows.filter((row) => seats.has(row.id));
  return {
    id: round.id,
    org: round.org,
    name: round.name,
    status: round.status,
    constraints: round.constraints as unknown as Constraint[],
    options: round.options as Record<string, unknown>,
    nJobLines: round.n_job_lines ?? null,
    annualLeaveWeeks: round.annual_leave_weeks,
    pathways: ((round.pathways ?? []) as unknown as Partial<Pathway>[]).map(readPathway),
    terms: terms.map((term) => ({ number: term.number, weeks: term.weeks, startsOn: term.starts_on })),
    termIds: terms.map((term) => term.id),
    positionRows: new Map(used.map((row) => [row.code ?? row.id, row.id])),
    positions: used
      .map((row) => {
        const min = terms.map(() => 0);
        const max = terms.map(() => 0);
        for (const post of seats.get(row.id) ?? []) {
          const index = termIndex.get(post.term) ?? 0;
          min[index] = post.posts_min;
          max[index] = post.posts_max;
        }
        return readPosition(row, { min, max });
      })
      .toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  };
}

/** The lines there are now, in the order of their names. */
export const linesQuery = (round: Round) =>
  queryOptions({ queryKey: keys.lines(round.id), queryFn: () => fetchLines(round), staleTime: 30_000 });

async function fetchLines(round: Round): Promise<Line[]> {
  const db = supabase();
  const page = async (from: number, to: number) =>
    dataOf(
      await db
        .from("job_lines")
        .select("id, name, score, locked, rotations(term, position), leave_blocks(start_week, weeks)")
        .eq("allocation_run", round.id)
        .order("name")
        .range(from, to),
    );
  const rows = await allPages(page);
  const term = new Map(round.termIds.map((id, index) => [id, index]));
  const code = new Map([...round.positionRows].map(([id, row]) => [row, id]));
  return rows.map((row) => {
    const positions: (string | null)[] = round.terms.map(() => null);
    for (const rotation of row.rotations) {
      positions[term.get(rotation.term) ?? 0] = code.get(rotation.position) ?? rotation.position;
    }
    return {
      id: row.id,
      name: row.name,
      score: row.score,
      locked: row.locked,
      positions,
      leave: row.leave_blocks
        .map((block) => ({ startWeek: block.start_week, weeks: block.weeks }))
        .toSorted((a, b) => a.startWeek - b.startWeek),
    };
  });
}

/** What the referee said of a set when it was made; see planner.result/1. */
export interface StoredVerdict {
  readonly rules?: readonly { readonly name: string; readonly bounds?: Bounds }[];
  readonly n_objections?: number;
  readonly objections?: readonly { readonly rule: string; readonly line: string | null; readonly message: string }[];
}

/** By which rules the lines there are were made. */
export interface SetOfLines {
  readonly run: string | null;
  readonly written_at: string;
  readonly constraints: readonly Constraint[] | null;
  readonly verdict: StoredVerdict | null;
}

/** How the lines there are were made; null where that was never recorded. */
export const lineSetQuery = (round: string) =>
  queryOptions({
    queryKey: keys.set(round),
    queryFn: async (): Promise<SetOfLines | null> => {
      const answer = await supabase()
        .from("job_line_sets")
        .select("run, written_at, constraints, verdict")
        .eq("allocation_run", round)
        .maybeSingle();
      const row = rowOf(answer);
      if (row === null) return null;
      const { constraints, verdict, ...rest } = row;
      return { ...rest, constraints: constraints as unknown as Constraint[] | null, verdict: verdict as StoredVerdict | null };
    },
    staleTime: 30_000,
  });

export type RunStatus = "PENDING" | "GENERATING" | "COMPLETED" | "INFEASIBLE" | "FAILED" | "CANCELLED";

/** One request to generate lines, as its row says. Times are ISO, by the clock of the database. */
export interface Run {
  readonly id: string;
  readonly created_at: string;
  readonly allocation_run: string;
  readonly requested_by: string | null;
  readonly status: RunStatus;
  readonly n_job_lines: number;
  readonly constraints: readonly Constraint[] | null;
  readonly options: Readonly<Record<string, unknown>>;
  readonly attempt: number;
  readonly claimed_at: string | null;
  readonly heartbeat_at: string | null;
  readonly finished_at: string | null;
  readonly progress: Progress | null;
  readonly reason: string | null;
  readonly message: string | null;
  readonly result_metadata: ResultMetadata | null;
}

const RUN_COLUMNS =
  "id, created_at, allocation_run, requested_by, status, n_job_lines, constraints, options, attempt, " +
  "claimed_at, heartbeat_at, finished_at, progress, reason, message";

/** How far a status is; a run never moves back. */
export const rank = (status: RunStatus): number =>
  status === "PENDING" ? 0 : status === "GENERATING" ? 1 : 2;

export const isFinal = (run: Run): boolean => rank(run.status) === 2;

/** Of two readings of one run the later one: an answer that was overtaken changes nothing. */
export function forward(before: Run | undefined, after: Run): Run {
  if (before?.id !== after.id) return after;
  if (rank(after.status) !== rank(before.status)) {
    return rank(after.status) > rank(before.status) ? after : before;
  }
  if (after.attempt !== before.attempt) return after.attempt > before.attempt ? after : before;
  const beat = (run: Run) => Date.parse(run.heartbeat_at ?? run.created_at);
  return beat(after) >= beat(before) ? after : before;
}

/** The newest runs of an allocation run, newest first; `result_metadata` is left out. */
export async function fetchRuns(round: string): Promise<Run[]> {
  const answer = await supabase()
    .from("allocation_planner_runs")
    .select(RUN_COLUMNS)
    .eq("allocation_run", round)
    .order("created_at", { ascending: false })
    .limit(100);
  const rows = dataOf(answer) as unknown as Omit<Run, "result_metadata">[];
  return rows.map((row) => ({ ...row, result_metadata: null }));
}

/** One run with its result. */
export async function fetchRun(id: string): Promise<Run> {
  const answer = await supabase()
    .from("allocation_planner_runs")
    .select(`${RUN_COLUMNS}, result_metadata`)
    .eq("id", id)
    .maybeSingle();
  const row = rowOf(answer) as unknown as Run | null;
  if (!row) throw new Refused("This run does not exist, or you may not see it.", 404);
  return row;
}

/** One run, kept from moving back whatever order answers arrive in. */
export const runQuery = (id: string) =>
  queryOptions({
    queryKey: keys.run(id),
    queryFn: () => fetchRun(id),
    structuralSharing: (before, after) => forward(before as Run | undefined, after as Run),
  });

/** The runs of an allocation run, each kept from moving back. */
export const runsQuery = (round: string) =>
  queryOptions({
    queryKey: keys.runs(round),
    queryFn: () => fetchRuns(round),
    structuralSharing: (before, after) => {
      const known = new Map((before as Run[] | undefined)?.map((run) => [run.id, run]));
      return (after as Run[]).map((run) => forward(known.get(run.id), run));
    },
  });
