/** Which lines, and which of their terms, the referee's objections are about. */

import { byId, type Line, type Position, type Year } from "../../lib/problem";
import type { Violation } from "../../lib/referee";

/** Terms at fault (index from 0) by the name of the line. */
export type Cells = ReadonlyMap<string, ReadonlySet<number>>;

/** What a rule counts: the terms a line holds of it are the ones to look at. */
const COUNTED: Readonly<Record<string, (position: Position) => boolean>> = {
  MAX_RURAL_TERMS: (p) => p.rural,
  MAX_SERVICE_TERMS: (p) => p.service !== null,
  MAX_SERVICE_SHARE: (p) => p.service !== null,
  MAX_NON_CLINICAL_TERMS: (p) => p.nonClinical,
  MIN_TEAM_SHARE: (p) => !p.clinicalTeam,
  NO_NIGHTS: (p) => p.service === "nights",
  NO_RELIEF: (p) => p.service === "relief",
};
/** What a sentence of the referee names, for rules about one area or unit. */
const NAMED: Readonly<Record<string, (position: Position, message: string) => boolean>> = {
  MAX_SPECIALTY_SHARE: (p, message) => p.service === null && message.includes(`weeks in ${p.specialty} (`),
  MAX_SUBSPECIALTY_SHARE: (p, message) => p.service === null && message.includes(`weeks in ${p.subspecialty} (`),
  NO_REPEATED_POSITION: (p, message) => message.includes(`(${p.id})`),
};

const termIn = (message: string): number => Number(/in Term (\d+)/.exec(message)?.[1] ?? 0) - 1;
const unitIn = (message: string): string | undefined => /\(([^()]+)\) in (?:Term|week) /.exec(message)?.[1];

/** The lines an objection to the whole set is about: those who hold the unit it names in its term. */
function holders(lines: readonly Line[], { message }: Violation): readonly Line[] {
  const [unit, term] = [unitIn(message), Number(/Term (\d+)/.exec(message)?.[1] ?? 0) - 1];
  return unit === undefined ? [] : lines.filter((line) => line.positions[term] === unit);
}

/** Names of the lines at fault under each rule; a funded post nobody fills is no line's fault. */
export function holdersAtFault(
  _year: Year,
  lines: readonly Line[],
  violations: readonly Violation[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>();
  for (const violation of violations) {
    const names = found.get(violation.rule) ?? new Set<string>();
    if (violation.line !== null) names.add(violation.line);
    else if (violation.rule !== "FILL_POSTS") for (const line of holders(lines, violation)) names.add(line.name);
    found.set(violation.rule, names);
  }
  return found;
}

/** The cells at fault, as far as an objection is about some terms and not about the whole line. */
export function cellsAtFault(year: Year, lines: readonly Line[], violations: readonly Violation[]): Cells {
  const known = byId(year.positions);
  const named = new Map(lines.map((line) => [line.name, line]));
  const cells = new Map<string, Set<number>>();
  const mark = (line: string, term: number) => cells.set(line, (cells.get(line) ?? new Set()).add(term));
  for (const violation of violations) {
    const { rule, line: name, message } = violation;
    if (name === null) {
      const term = Number(/Term (\d+)/.exec(message)?.[1] ?? 0) - 1;
      if (rule !== "FILL_POSTS") for (const line of holders(lines, violation)) mark(line.name, term);
      continue;
    }
    const line = named.get(name);
    if (!line) continue;
    const counted = COUNTED[rule];
    const about = NAMED[rule];
    line.positions.forEach((id, term) => {
      const position = known.get(id ?? "");
      if (position && (counted?.(position) || about?.(position, message))) mark(name, term);
    });
    if (rule === "LINE_SHAPE" && termIn(message) >= 0) mark(name, termIn(message));
    if (rule === "MAX_SITE_CHANGES") {
      line.positions.forEach((id, term) => {
        const [here, before] = [known.get(id ?? ""), known.get(line.positions[term - 1] ?? "")];
        if (here && before && here.site !== before.site) mark(name, term);
      });
    }
  }
  return cells;
}
