/** Which lines are shown, and in which order. */

import { byId, type Line, type Position, type Year } from "../../lib/problem";

export type Sort = "name" | "best" | "worst";
export interface Choice {
  readonly text: string;
  readonly specialty: string;
  readonly only: "all" | "locked" | "objections";
  readonly sort: Sort;
  /** Only lines at fault under this rule; empty: all. */
  readonly rule: string;
}

export const EVERYTHING: Choice = { text: "", specialty: "", only: "all", sort: "name", rule: "" };

const BY_NAME = new Intl.Collator("en-AU", { numeric: true });

/** The lines that hold every word typed, in a name, unit, site or specialty; sorted. */
export function chosen(
  year: Year,
  lines: readonly Line[],
  choice: Choice,
  objectedTo: ReadonlySet<string>,
  byRule: ReadonlyMap<string, ReadonlySet<string>> = new Map(),
): Line[] {
  const words = choice.text.toLowerCase().split(/\s+/).filter(Boolean);
  const texts = textOfUnits(year.positions);
  const known = byId(year.positions);
  const found = lines.filter((line) => {
    if (choice.only === "locked" && !line.locked) return false;
    if (choice.only === "objections" && !objectedTo.has(line.name)) return false;
    if (choice.rule && !byRule.get(choice.rule)?.has(line.name)) return false;
    const units = line.positions.map((id) => id ?? "");
    if (choice.specialty && !units.some((id) => isOf(known.get(id), choice.specialty))) return false;
    if (words.length === 0) return true;
    const text = [line.name.toLowerCase(), ...units.map((id) => texts.get(id) ?? "")].join(" ");
    return words.every((word) => text.includes(word));
  });
  return found.sort(ORDER[choice.sort]);
}

const ORDER: Readonly<Record<Sort, (a: Line, b: Line) => number>> = {
  name: (a, b) => BY_NAME.compare(a.name, b.name),
  best: (a, b) => (b.score ?? -Infinity) - (a.score ?? -Infinity) || BY_NAME.compare(a.name, b.name),
  worst: (a, b) => (a.score ?? Infinity) - (b.score ?? Infinity) || BY_NAME.compare(a.name, b.name),
};

const isOf = (position: Position | undefined, area: string): boolean =>
  position?.specialty === area || position?.subspecialty === area;

const textOfUnits = (positions: readonly Position[]): ReadonlyMap<string, string> =>
  new Map(
    positions.map((p) => [
      p.id,
      [p.id, p.name, p.site, p.specialty, p.subspecialty, p.service].filter(Boolean).join(" ").toLowerCase(),
    ]),
  );

/** Short marks of the sites, unique among them: RH for Riverside Hospital. */
export function siteMarks(positions: readonly Position[]): ReadonlyMap<string, string> {
  const marks = new Map<string, string>();
  for (const site of new Set(positions.map((p) => p.site))) {
    const initials = site.split(/[\s-]+/).map((word) => word.charAt(0).toUpperCase()).join("").slice(0, 3);
    const letters = initials.length > 1 ? initials : site.slice(0, 2);
    const taken = [...marks.values()].filter((mark) => mark.startsWith(letters)).length;
    marks.set(site, taken === 0 ? letters : `${letters}${taken + 1}`);
  }
  return marks;
}

/** How many lines score how much: bars of equal width from the worst to the best. */
export function histogram(scores: readonly number[], most = 14): { from: number; to: number; n: number }[] {
  if (scores.length === 0) return [];
  const low = Math.min(...scores);
  const high = Math.max(...scores);
  const n = Math.max(1, Math.min(most, high - low + 1));
  const width = (high - low) / n || 1;
  const bars = Array.from({ length: n }, (_, i) => ({ from: low + i * width, to: low + (i + 1) * width, n: 0 }));
  for (const score of scores) {
    const bar = bars[Math.min(n - 1, Math.floor((score - low) / width))];
    if (bar) bar.n += 1;
  }
  return bars;
}
