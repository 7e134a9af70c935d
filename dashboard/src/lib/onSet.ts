/**
 * The constraints on the whole set of lines that every rule is made of, judged as the planner's referee
 * judges them (planner_cli/domain/constraints/on_set.py): posts_filled, lines_served, leave_together.
 * Wishes (leave_spread, preferred pathways) never make a set illegal, so the page has nothing to find.
 */

import { unfilled } from "./posts";
import { byId, firstWeeks, type Leave, type Line, type Position, type Year } from "./problem";

/** A constraint with its bounds filled in; which fields it has depends on its kind. */
export interface SetConstraint {
  readonly kind: string;
  readonly n_lines?: number;
  readonly name?: string;
  readonly positions?: readonly string[];
  readonly specialties?: readonly string[];
  readonly strength?: string;
  readonly most_share?: number;
}

/** One way in which a set of lines breaks a constraint. */
export interface SetBreach {
  readonly found: number;
  readonly limit: number;
  /** Which of a constraint's sentences says it, where it has several. */
  readonly what?: string;
  /** What else the sentence names. */
  readonly words: Readonly<Record<string, unknown>>;
}

const HAIR = 1e-9;
const place = (position: Position | undefined, id: string, term: number) =>
  ({ name: position?.name ?? id, position: id, term });

function postsFilled(_: SetConstraint, year: Year, lines: readonly Line[]): SetBreach[] {
  const held = new Set(lines.flatMap((line) => line.positions));
  // An excludable position nobody holds counts as dropped: its posts need not be filled.
  const due = unfilled(year, lines).filter(({ position }) => !position.excludable || held.has(position.id));
  return due.map(({ position, term, filled, funded }) =>
    ({ found: filled, limit: funded, words: place(position, position.id, term) }));
}

/** Whether a line holds each of the positions, and a position of each of the specialties. */
export function serves(
  asked: { readonly positions?: readonly string[]; readonly specialties?: readonly string[] },
  line: Line,
  known: ReadonlyMap<string, Position>,
): boolean {
  const areas = new Set(
    line.positions.flatMap((id) => {
      const position = known.get(id ?? "");
      return position ? [position.specialty, position.subspecialty] : [];
    }),
  );
  return (
    (asked.positions ?? []).every((id) => line.positions.includes(id)) &&
    (asked.specialties ?? []).every((name) => areas.has(name))
  );
}

function linesServed(c: SetConstraint, year: Year, lines: readonly Line[]): SetBreach[] {
  const known = byId(year.positions);
  const found = lines.filter((line) => serves(c, line, known)).length;
  const limit = c.n_lines ?? 0;
  const breach = { found, limit, words: { name: c.name } };
  if (c.strength === "preferred") return [];
  if (found < limit) return [{ ...breach, what: "few" }];
  return c.strength === "exactly" && found > limit ? [{ ...breach, what: "many" }] : [];
}

const endWeek = (block: Leave): number => block.startWeek + block.weeks - 1;

function leaveTogether(c: SetConstraint, year: Year, lines: readonly Line[]): SetBreach[] {
  const known = byId(year.positions);
  const firsts = firstWeeks(year.terms);
  return year.terms.flatMap((term, index) => {
    const holders = Map.groupBy(lines, (line) => line.positions[index] ?? "");
    return [...holders.keys()].sort().flatMap((id): SetBreach[] => {
      const people = holders.get(id) ?? [];
      const limit = Math.ceil((c.most_share ?? 1) * people.length - HAIR);
      let [week, away] = [0, -1];
      for (let w = firsts[index] ?? 1; w < (firsts[index] ?? 1) + term.weeks; w += 1) {
        const n = people.filter((l) => l.leave.some((x) => x.startWeek <= w && w <= endWeek(x))).length;
        if (n > away) [week, away] = [w, n];
      }
      if (away <= limit) return [];
      const words = { ...place(known.get(id), id, index + 1), people: people.length, week };
      return [{ found: away, limit, words }];
    });
  });
}

const KINDS: Readonly<Record<string, (c: SetConstraint, year: Year, lines: readonly Line[]) => SetBreach[]>> = {
  posts_filled: postsFilled,
  lines_served: linesServed,
  leave_together: leaveTogether,
  leave_spread: () => [],
};

/** Whether the page can judge a kind of constraint. */
export const isKnownOnSet = (kind: string): boolean => kind in KINDS;

/** What a set of lines breaks of a constraint; nothing of a kind the page does not know. */
export const setBreaches = (constraint: SetConstraint, year: Year, lines: readonly Line[]): SetBreach[] =>
  KINDS[constraint.kind]?.(constraint, year, lines) ?? [];
