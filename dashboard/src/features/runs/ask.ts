/** What the page asks of the server about runs: start one, cancel one, and save the year before. */

import { FunctionsFetchError, FunctionsHttpError } from "@supabase/supabase-js";
import type { Issue } from "../../lib/constraints";
import type { Round } from "../../lib/round";
import { dataOf, type Json, Refused, supabase } from "../../lib/supabase";
import { meaningOf, type RunForm } from "./form";

/** A refusal of the function: what it said, the fields at fault, the run it is about. */
export class NotStarted extends Error {
  override readonly name = "NotStarted";
  constructor(
    message: string,
    readonly status: number,
    readonly issues: readonly Issue[] = [],
    readonly run: string | null = null,
  ) {
    super(message);
  }
}

interface ProblemJson {
  readonly detail?: string;
  readonly hint?: string;
  readonly errors?: readonly Issue[];
  readonly planner_run_id?: string;
}

/** Ask for a run; the same `key` twice is one run. Gives the run's id. */
export async function startRun(year: Round, form: RunForm, key: string): Promise<string> {
  const { nJobLines, constraints, options } = meaningOf(form, year);
  const { target_gap, ...others } = options;
  const answer = await supabase().functions.invoke<{ planner_run_id: string }>("planner-orchestration", {
    body: {
      allocation_run: year.id,
      n_job_lines: nJobLines,
      constraints,
      options: { ...others, ...(target_gap === null ? {} : { target_gap }) },
    },
    headers: { "Idempotency-Key": key },
  });
  const error: unknown = answer.error;
  if (answer.data) return answer.data.planner_run_id;
  throw await notStarted(error);
}

async function notStarted(error: unknown): Promise<NotStarted> {
  if (error instanceof FunctionsHttpError) {
    const response = error.context as Response;
    const problem = (await response.json().catch(() => ({}))) as ProblemJson;
    const said = [problem.detail ?? "The server refused the request.", problem.hint].filter(Boolean).join(" ");
    return new NotStarted(said, response.status, problem.errors ?? [], problem.planner_run_id ?? null);
  }
  const unreachable = error instanceof FunctionsFetchError;
  return new NotStarted(
    unreachable ? "The server cannot be reached. Nothing was sent; try again." : "The run could not be started.",
    0,
  );
}

/** Cancel a run; gives the database's word: CANCELLED, ALREADY, FINAL or MISSING. */
export async function cancelRun(run: string): Promise<string> {
  return dataOf(await supabase().rpc("planner_cancel_run", { p_run: run }));
}

/** What of the year a form changes, in words; empty when it changes nothing. */
export function yearChanges(year: Round, form: RunForm): string[] {
  const { terms, annualLeaveWeeks, pathways } = meaningOf(form, year);
  return [
    ...(sameTerms(year, terms) ? [] : ["the weeks or dates of the terms"]),
    ...(annualLeaveWeeks === year.annualLeaveWeeks ? [] : ["the weeks of annual leave"]),
    ...(form.pathways && JSON.stringify(pathways) !== JSON.stringify(year.pathways) ? ["the pathways"] : []),
  ];
}

const sameTerms = (year: Round, terms: readonly { weeks: number; startsOn: string | null }[]): boolean =>
  year.terms.every((t, i) => terms[i]?.weeks === t.weeks && terms[i].startsOn === t.startsOn);

/** Save what a form changes of the year; the planner reads it from there. */
export async function saveYear(year: Round, form: RunForm): Promise<void> {
  if (yearChanges(year, form).length === 0) return;
  const db = supabase();
  const { terms, annualLeaveWeeks, pathways } = meaningOf(form, year);
  for (const [index, term] of terms.entries()) {
    const before = year.terms[index];
    const id = year.termIds[index];
    if (!id || (before?.weeks === term.weeks && before.startsOn === term.startsOn)) continue;
    const changed = { weeks: term.weeks, starts_on: term.startsOn };
    one(dataOf(await db.from("terms").update(changed).eq("id", id).select("id")));
  }
  if (annualLeaveWeeks !== year.annualLeaveWeeks || form.pathways) {
    const changed = {
      annual_leave_weeks: annualLeaveWeeks,
      ...(form.pathways ? { pathways: pathways as unknown as Json } : {}),
    };
    one(dataOf(await db.from("allocation_runs").update(changed).eq("id", year.id).select("id")));
  }
}

/** Row security hides what one may not change: no row changed means no right to. */
function one(rows: readonly unknown[]): void {
  if (rows.length === 0) throw new Refused("You need the planner role to change the year.", 403);
}
