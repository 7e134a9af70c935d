/** The kept sets of an allocation run: snapshots and proposals, and putting one back. */

import { queryOptions } from "@tanstack/react-query";
import type { Line } from "../../lib/problem";
import { type LineDocument, readLine } from "../../lib/reading";
import { keys, type Round, type Run } from "../../lib/round";
import { dataOf, Refused, rowOf, supabase } from "../../lib/supabase";

/** A kept set without its lines. */
export interface Kept {
  readonly id: string;
  readonly created_at: string;
  readonly run: string;
  readonly kind: string;
  readonly restored_from: string | null;
  readonly made_by: string | null;
  readonly n_lines: number | null;
}

/** The kept sets, newest first. */
export const historyQuery = (round: string) =>
  queryOptions({
    queryKey: keys.history(round),
    queryFn: async (): Promise<Kept[]> =>
      dataOf(
        await supabase()
          .from("job_lines_history")
          .select("id, created_at, run, kind, restored_from, made_by, n_lines")
          .eq("allocation_run", round)
          .order("created_at", { ascending: false })
          .limit(500),
      ),
  });

/** The lines of one kept set; they never change. */
export const keptLinesQuery = (year: Round, id: string) =>
  queryOptions({
    queryKey: ["kept", id, year.terms.length] as const,
    staleTime: Infinity,
    queryFn: async (): Promise<Line[]> => {
      const answer = await supabase().from("job_lines_history").select("lines").eq("id", id).maybeSingle();
      const row = rowOf(answer);
      if (!row) throw new Refused("This set is not kept any more.", 404);
      return (row.lines as unknown as LineDocument[]).map((line) => readLine(line, year.terms.length));
    },
  });

/** Who made a kept set. The page knows only oneself by name: others stay a short mark. */
export function madeBy(kept: Kept, runs: readonly Run[], me: string): string {
  const who = kept.made_by ?? runs.find((run) => run.id === kept.run)?.requested_by ?? null;
  if (who === null) return "the planner";
  return who === me ? "you" : `a colleague (${who.slice(0, 4)})`;
}

/** Why a set is kept, in words. */
export function why(kept: Kept, runs: readonly Run[], history: readonly Kept[], when: (iso: string) => string): string {
  const run = runs.find((one) => one.id === kept.run);
  if (kept.kind === "proposal") return "An answer to inputs that had changed meanwhile: nothing was overwritten";
  if (kept.restored_from !== null) {
    const back = history.find((one) => one.id === kept.restored_from);
    return `What was there before the set of ${back ? when(back.created_at) : "an earlier day"} was restored`;
  }
  return `What was there before the run of ${run ? when(run.created_at) : "an earlier day"} replaced it`;
}

interface Restored {
  readonly outcome: "RESTORED" | "ALREADY" | "REFUSED" | "MISSING";
  readonly lines?: number;
  readonly reason?: string;
  readonly message?: string;
}

/** Put a kept set in the place of the lines there are; those are kept first. */
export async function restore(id: string): Promise<Restored> {
  const answer = dataOf(await supabase().rpc("planner_restore_lines", { p_history: id })) as unknown as Restored;
  if (answer.outcome === "REFUSED") throw new Refused(answer.message ?? "The server refused.", 409);
  if (answer.outcome === "MISSING") throw new Refused("This set is not kept any more.", 404);
  return answer;
}
