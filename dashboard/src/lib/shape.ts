/** What every set of lines must meet, whatever rules it was made under. */

import { fill } from "./posts";
import { byId, type Leave, type Line, type Position, type Year, yearWeeks } from "./problem";
import type { Violation } from "./referee";

/** What holds for every set, whatever rules it was made under. */
export const ALWAYS = ["LINE_COUNT", "LINE_SHAPE", "ACCREDITED_POSTS"] as const;

type Fault = readonly [message: string, found?: number | null, limit?: number | null];
const endWeek = (block: Leave): number => block.startWeek + block.weeks - 1;

/** What every set must meet: so many lines, each whole, nobody on a post that is not accredited. */
export function alwaysViolations(year: Year, lines: readonly Line[], asked: Asked | null): Violation[] {
  const known = byId(year.positions);
  const told = (rule: string, line: string | null, [message, found = null, limit = null]: Fault): Violation => ({
    rule,
    line,
    message,
    found,
    limit,
  });
  const shapes = lines.map((line) => shapeFaults(year, known, line));
  const whole = lines.filter((_, index) => shapes[index]?.length === 0);
  return [
    ...countFaults(lines, asked).map(([line, fault]) => told("LINE_COUNT", line, fault)),
    ...lines.flatMap((line, index) => (shapes[index] ?? []).map((fault) => told("LINE_SHAPE", line.name, fault))),
    ...whole.flatMap((line) => spanFaults(known, line).map((fault) => told("LINE_SHAPE", line.name, fault))),
    ...postFaults(year, whole).map((fault) => told("ACCREDITED_POSTS", null, fault)),
  ];
}

/** How many lines were asked for, and whether fewer are an answer. */
export interface Asked {
  readonly nJobLines: number;
  readonly allowPartial: boolean;
}

function countFaults(lines: readonly Line[], asked: Asked | null): [string | null, Fault][] {
  const n = lines.length;
  const wrong = asked !== null && (n > asked.nJobLines || (n < asked.nJobLines && !asked.allowPartial));
  const named = [...Map.groupBy(lines, (line) => line.name)].map(([name, same]) => [name, same.length] as const);
  return [
    ...(wrong ? [[null, [`${n} lines, ${asked.nJobLines} asked for`, n, asked.nJobLines]] as [null, Fault]] : []),
    ...named.flatMap(([name, times]): [string, Fault][] =>
      times > 1 ? [[name, [`${times} lines are named ${name}`, times, 1]]] : [],
    ),
  ];
}

function shapeFaults(year: Year, known: ReadonlyMap<string, Position>, line: Line): Fault[] {
  const faults: Fault[] = [];
  year.terms.forEach((_, index) => {
    if (line.positions[index] == null) faults.push([`0 positions in Term ${index + 1}, one needed`]);
  });
  year.terms.forEach((_, index) => {
    const id = line.positions[index];
    if (id != null && !known.has(id)) faults.push([`unknown position ${id} in Term ${index + 1}`]);
  });
  const weeks = yearWeeks(year.terms);
  let last = 0;
  for (const block of line.leave.toSorted((a, b) => a.startWeek - b.startWeek)) {
    if (block.startWeek <= last) faults.push([`blocks of leave overlap in week ${block.startWeek}`]);
    if (endWeek(block) > weeks) faults.push([`leave ends in week ${endWeek(block)}, the year has ${weeks}`]);
    last = endWeek(block);
  }
  return faults;
}

function spanFaults(known: ReadonlyMap<string, Position>, line: Line): Fault[] {
  const faults: Fault[] = [];
  let index = 0;
  while (index < line.positions.length) {
    const position = known.get(line.positions[index] ?? "");
    const span = position?.spanTerms ?? 1;
    const rest = line.positions.slice(index, index + span);
    if (position && (rest.length < span || rest.some((id) => id !== position.id))) {
      const text = `${position.name} (${position.id}) takes ${span} consecutive terms, found alone in Term ${index + 1}`;
      faults.push([text]);
      index += 1;
    } else index += span;
  }
  return faults;
}

function postFaults(year: Year, lines: readonly Line[]): Fault[] {
  const used = fill(year, lines);
  return year.positions.flatMap((position) =>
    position.postsMax.flatMap((accredited, index): Fault[] => {
      const n = used.get(position.id)?.[index] ?? 0;
      if (n <= accredited) return [];
      const text = `${position.name} (${position.id}) in Term ${index + 1}: ${n} people on ${accredited} accredited posts`;
      return [[text, n, accredited]];
    }),
  );
}

/** The lines that have the shape of a line: only these can be judged by rules. */
export function wholeLines(year: Year, lines: readonly Line[]): Line[] {
  const known = byId(year.positions);
  return lines.filter((line) => shapeFaults(year, known, line).length === 0);
}
