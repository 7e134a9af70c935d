/** People on posts: how many, and which funded ones nobody holds. */

import type { Line, Position, Year } from "./problem";

/** People on each position in each term (index from 0). */
export function fill(year: Year, lines: readonly Line[]): ReadonlyMap<string, readonly number[]> {
  const used = new Map(year.positions.map((p) => [p.id, year.terms.map(() => 0)]));
  for (const line of lines) {
    line.positions.forEach((id, term) => {
      const row = used.get(id ?? "");
      if (row) row[term] = (row[term] ?? 0) + 1;
    });
  }
  return used;
}

/** Funded posts that are not filled, in the order of the positions. */
export function unfilled(
  year: Year,
  lines: readonly Line[],
): { position: Position; term: number; filled: number; funded: number }[] {
  const used = fill(year, lines);
  return year.positions.flatMap((position) =>
    position.postsMin.flatMap((funded, index) => {
      const filled = used.get(position.id)?.[index] ?? 0;
      return filled < funded ? [{ position, term: index + 1, filled, funded }] : [];
    }),
  );
}
