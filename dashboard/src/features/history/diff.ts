/** What differs between two sets of lines, by line and by unit. */

import type { Line, Year } from "../../lib/problem";
import { fill } from "../../lib/posts";

export type Kind = "same" | "changed" | "renamed" | "removed" | "added";

/** A line of the one set beside its counterpart in the other; `terms` are those that differ, from 1. */
export interface Pair {
  readonly kind: Kind;
  readonly before: Line | null;
  readonly after: Line | null;
  readonly terms: readonly number[];
  readonly leaveDiffers: boolean;
}

const BY_NAME = new Intl.Collator("en-AU", { numeric: true });
const held = (line: Line): string => line.positions.join("\n");
const leave = (line: Line): string => line.leave.map((b) => `${b.startWeek}+${b.weeks}`).join(" ");

/** Pair lines by name; what is left is paired where the year is the same under another name. */
export function diffLines(before: readonly Line[], after: readonly Line[]): Pair[] {
  const named = new Map(after.map((line) => [line.name, line]));
  const pairs: Pair[] = [];
  const alone: Line[] = [];
  for (const line of before) {
    const other = named.get(line.name);
    named.delete(line.name);
    if (other) pairs.push(pair(line, other));
    else alone.push(line);
  }
  const byYear = Map.groupBy(named.values(), (line) => `${held(line)}|${leave(line)}`);
  for (const line of alone) {
    const other = byYear.get(`${held(line)}|${leave(line)}`)?.shift();
    if (other) named.delete(other.name);
    pairs.push({
      kind: other ? "renamed" : "removed",
      before: line,
      after: other ?? null,
      terms: [],
      leaveDiffers: false,
    });
  }
  for (const line of named.values()) {
    pairs.push({ kind: "added", before: null, after: line, terms: [], leaveDiffers: false });
  }
  return pairs.sort((a, b) => BY_NAME.compare(nameOf(a), nameOf(b)));
}

/** The name a pair goes by. */
export const nameOf = (pair: Pair): string => (pair.after ?? pair.before)?.name ?? "";

function pair(before: Line, after: Line): Pair {
  const n = Math.max(before.positions.length, after.positions.length);
  const terms = Array.from({ length: n }, (_, i) => i + 1).filter(
    (term) => before.positions[term - 1] !== after.positions[term - 1],
  );
  const leaveDiffers = leave(before) !== leave(after);
  const kind = terms.length > 0 || leaveDiffers ? "changed" : "same";
  return { kind, before, after, terms, leaveDiffers };
}

/** People on a unit in each term, before and after; only units whose numbers differ. */
export interface UnitDiff {
  readonly id: string;
  readonly name: string;
  readonly before: readonly number[];
  readonly after: readonly number[];
}

export function diffUnits(year: Year, before: readonly Line[], after: readonly Line[]): UnitDiff[] {
  const [then, now] = [fill(year, before), fill(year, after)];
  return year.positions.flatMap(({ id, name }) => {
    const [a, b] = [then.get(id) ?? [], now.get(id) ?? []];
    return a.some((n, term) => n !== b[term]) ? [{ id, name, before: a, after: b }] : [];
  });
}
