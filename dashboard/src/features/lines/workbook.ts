/**
 * The workbook a unit takes away: lines as rows, weeks as merged blocks, categories below; unit fill;
 * every rule's evidence. `planner export` lays out the same cells (planner_cli/workbook).
 */

import { date } from "../../lib/calendar";
import { boundsText, CERTAINTY } from "../../lib/catalogue";
import { SERVICE_FILL, tints } from "../../lib/colours";
import type { RuleInForce } from "../../lib/constraints";
import { byId, firstWeeks, type Line, type Year, yearWeeks } from "../../lib/problem";
import { type Violation } from "../../lib/referee";
import { fill } from "../../lib/posts";

export interface Cell {
  readonly value: string | number | null;
  readonly columns?: number;
  readonly rows?: number;
  readonly fill?: string;
  readonly bold?: boolean;
  readonly centred?: boolean;
  readonly wrap?: boolean;
}

/** Rows of cells; a null is covered by a merged cell or empty. */
export interface Sheet {
  readonly name: string;
  readonly widths: readonly number[];
  readonly frozenRows: number;
  readonly frozenColumns: number;
  readonly rows: readonly (readonly (Cell | null)[])[];
}

/** Everything about a set of lines that a workbook shows. */
export interface LineSet {
  readonly year: Year;
  readonly lines: readonly Line[];
  readonly rules: readonly RuleInForce[];
  readonly violations: readonly Violation[];
}

const HEAD = "DDE3E8";
const LEAVE = "FFFFFF";
const head = (value: string, more: Partial<Cell> = {}): Cell => ({ value, bold: true, fill: HEAD, ...more });
const blank = (n: number): null[] => Array.from({ length: n }, () => null);
const spread = (cell: Cell): (Cell | null)[] => [cell, ...blank((cell.columns ?? 1) - 1)];

export const sheets = (set: LineSet): Sheet[] => [linesSheet(set), fillSheet(set), rulesSheet(set)];

function linesSheet({ year, lines }: LineSet): Sheet {
  const weeks = yearWeeks(year.terms);
  const dates = (startsOn: string | null) => (startsOn === null ? "" : ` from ${date(startsOn)}`);
  const terms = year.terms.flatMap((term) =>
    spread(head(`Term ${term.number}, ${term.weeks} weeks${dates(term.startsOn)}`, { columns: term.weeks, centred: true })),
  );
  const numbers = Array.from({ length: weeks }, (_, i) => head(String(i + 1), { centred: true }));
  return {
    name: "Lines",
    widths: [14, ...Array.from({ length: weeks }, () => 3.2), 8, 8],
    frozenRows: 3,
    frozenColumns: 1,
    rows: [
      spread({ value: `${year.name}: ${lines.length} lines`, bold: true, columns: weeks + 3 }),
      [head("Line", { rows: 2 }), ...terms, head("Score", { rows: 2 }), head("Locked", { rows: 2 })],
      [null, ...numbers, null, null],
      ...lines.flatMap((line) => lineRows(year, line)),
      blank(weeks + 3),
      ...legend(year, weeks),
    ],
  };
}

function lineRows(year: Year, line: Line): (Cell | null)[][] {
  const known = byId(year.positions);
  const tint = tints(year.positions);
  const firsts = firstWeeks(year.terms);
  const above: (Cell | null)[] = [{ value: line.name, bold: true, rows: 2 }];
  const below: (Cell | null)[] = [null];
  year.terms.forEach((term, index) => {
    const position = known.get(line.positions[index] ?? "");
    const colour = position?.service ? SERVICE_FILL : (tint.get(position?.specialty ?? "")?.hex ?? LEAVE);
    const text = position?.name ?? line.positions[index] ?? "";
    const first = firsts[index] ?? 1;
    let week = first;
    while (week < first + term.weeks) {
      const away = isAway(line, week);
      let end = week;
      while (end + 1 < first + term.weeks && isAway(line, end + 1) === away) end += 1;
      const columns = end - week + 1;
      above.push(...spread({ value: away ? "Leave" : text, fill: away ? LEAVE : colour, columns, centred: true }));
      week = end + 1;
    }
    const notes = [position?.categories.join(" "), position?.site].filter(Boolean).join(" · ");
    below.push(...spread({ value: notes, columns: term.weeks, centred: true }));
  });
  above.push({ value: line.score, rows: 2 }, { value: line.locked ? "locked" : "", rows: 2 });
  below.push(null, null);
  return [above, below];
}

const isAway = (line: Line, week: number): boolean =>
  line.leave.some((block) => block.startWeek <= week && week < block.startWeek + block.weeks);

function legend(year: Year, weeks: number): (Cell | null)[][] {
  const named = [...tints(year.positions)].map(([specialty, { hex }]) => [specialty, hex] as const);
  const service = year.positions.some((p) => p.service !== null) ? [["service (relief, nights)", SERVICE_FILL] as const] : [];
  return [...named, ...service].map(([text, colour]) => [
    null,
    ...spread({ value: text, fill: colour, columns: 12 }),
    ...blank(weeks - 12 + 2),
  ]);
}

function fillSheet({ year, lines }: LineSet): Sheet {
  const people = fill(year, lines);
  const words = ["Id", "Unit", "Site", "Specialty", "Categories"];
  return {
    name: "Unit fill",
    widths: [14, 34, 22, 24, 11, ...year.terms.flatMap(() => [8, 8, 10])],
    frozenRows: 2,
    frozenColumns: 2,
    rows: [
      [
        ...words.map((word) => head(word, { rows: 2 })),
        ...year.terms.flatMap((term) => spread(head(`Term ${term.number}`, { columns: 3, centred: true }))),
      ],
      [...blank(5), ...year.terms.flatMap(() => [head("People"), head("Funded"), head("Accredited")])],
      ...year.positions.map((position) => [
        { value: position.id },
        { value: position.name },
        { value: position.site },
        { value: position.subspecialty ?? position.specialty },
        { value: position.categories.join(" ") },
        ...year.terms.flatMap((_, term) => {
          const n = people.get(position.id)?.[term] ?? 0;
          const funded = position.postsMin[term] ?? 0;
          return [{ value: n, ...(n < funded ? { fill: "FBDFC6" } : {}) }, { value: funded }, { value: position.postsMax[term] ?? 0 }];
        }),
      ]),
    ],
  };
}

function rulesSheet({ lines, rules, violations }: LineSet): Sheet {
  const heads = ["Rule", "Means", "Bounds", "Verdict", "Objections", "How sure", "Sources", "Note"];
  return {
    name: "Rules",
    widths: [28, 40, 30, 26, 50, 34, 60, 50],
    frozenRows: 1,
    frozenColumns: 1,
    rows: [
      heads.map((text) => head(text)),
      ...rules.map((rule) => {
        const found = violations.filter((violation) => violation.rule === rule.name);
        const said = found.map((v) => (v.line === null ? v.message : `${v.line}: ${v.message}`));
        const verdict = found.length === 0 ? `met by all ${lines.length} lines` : `${found.length} objections`;
        const sure = rule.certainty === null ? "local rule" : (CERTAINTY[rule.certainty] ?? "");
        const texts = [rule.means, boundsText(rule), verdict, said.join("\n"), sure, rule.sources.join("\n"), rule.note];
        return [{ value: rule.name, bold: true }, ...texts.map((value) => ({ value, wrap: true }))];
      }),
    ],
  };
}
