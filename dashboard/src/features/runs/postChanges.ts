/** Changes of posts that finance or the accreditor must approve before they are made. */

import { queryOptions } from "@tanstack/react-query";
import type { Repair } from "../../lib/problem";
import type { Round } from "../../lib/round";
import { dataOf, type Json, Refused, supabase } from "../../lib/supabase";
import { list } from "../../lib/text";

/** Funded (min) or accredited (max) posts of a unit in a term, before and after. */
export interface PostChange {
  readonly position: string;
  readonly term: number;
  readonly of: "posts_min" | "posts_max";
  readonly from: number;
  readonly to: number;
}

export interface ProposedChange {
  readonly id: string;
  readonly asked_at: string;
  readonly asked_by: string | null;
  readonly changes: readonly PostChange[];
  readonly approvers: readonly string[];
  readonly state: "WAITING" | "APPLIED" | "UNDONE" | "WITHDRAWN";
  readonly approved_by: string | null;
  readonly reference: string | null;
}

/** A change in words. */
export const postText = ({ position, term, of, from, to }: PostChange): string =>
  `${of === "posts_max" ? "Accredited" : "Funded"} posts of ${position} in Term ${term}: ${to} instead of ${from}`;

const WHO: Readonly<Record<string, string>> = {
  finance: "finance (funded posts)",
  accreditor: "the accreditor (accredited posts)",
};

/** Who must approve, in words. */
export const approversText = (approvers: readonly string[]): string => list(approvers.map((who) => WHO[who] ?? who));

/** What a repair would change of the year's posts; empty where it changes none. */
export function changesOf(repair: Repair, year: Round): PostChange[] {
  if (repair.kind !== "posts") return [];
  return (repair.changes ?? []).flatMap((change): PostChange[] => {
    const { position, term, posts } = change;
    const of = change["of"] === "posts_min" ? "posts_min" : "posts_max";
    const known = year.positions.find((p) => p.id === position);
    if (!known || typeof term !== "number" || typeof posts !== "number") return [];
    const from = (of === "posts_max" ? known.postsMax : known.postsMin)[term - 1] ?? 0;
    return [{ position: known.id, term, of, from, to: Math.max(0, from + posts) }];
  });
}

export const postChangesKey = (round: string) => ["post changes", round] as const;

/** Changes that wait, and those made; what was withdrawn or undone is left out. */
export const postChangesQuery = (round: string) =>
  queryOptions({
    queryKey: postChangesKey(round),
    queryFn: async (): Promise<ProposedChange[]> =>
      dataOf(
        await supabase()
          .from("planner_post_changes")
          .select("id, asked_at, asked_by, changes, approvers, state, approved_by, reference")
          .eq("allocation_run", round)
          .in("state", ["WAITING", "APPLIED"])
          .order("asked_at", { ascending: false })
          .limit(50),
      ) as unknown as ProposedChange[],
  });

/** Propose a change; nothing is changed yet. */
export async function proposeChange(round: string, changes: readonly PostChange[]): Promise<void> {
  settled(
    await supabase().rpc("planner_ask_post_change", {
      p_allocation_run: round,
      p_changes: changes as unknown as Json,
    }),
  );
}

/** Make a change, with the name of who approved it. */
export async function applyChange(id: string, approvedBy: string, reference: string): Promise<void> {
  settled(
    await supabase().rpc("planner_apply_post_change", { p_change: id, p_approved_by: approvedBy, p_reference: reference }),
  );
}

/** Put the posts back as they were. */
export async function undoChange(id: string): Promise<void> {
  settled(await supabase().rpc("planner_undo_post_change", { p_change: id }));
}

/** Take a proposal back. */
export async function withdrawChange(id: string): Promise<void> {
  settled(await supabase().rpc("planner_withdraw_post_change", { p_change: id }));
}

function settled(answer: Parameters<typeof dataOf>[0]): void {
  const said: unknown = dataOf(answer);
  const { outcome, message } = said as { outcome: string; message?: string };
  if (outcome === "REFUSED") throw new Refused(message ?? "The server refused.", 409);
  if (outcome === "MISSING") throw new Refused("This change is not there any more.", 404);
}
