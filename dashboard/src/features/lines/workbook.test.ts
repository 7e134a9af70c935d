import { describe, expect, it } from "vitest";
import { rulesInForce } from "../../lib/constraints";
import told from "../../lib/fixtures/referee.json";
import type { Line, Pathway, Year } from "../../lib/problem";
import { readLine, readPathway, readPosition } from "../../lib/reading";
import { ruleViolations } from "../../lib/referee";
import { csvOf } from "./takeAway";
import { type Cell, type LineSet, sheets } from "./workbook";

const { problem, workbook } = told;
const year: Year = {
  name: problem.name,
  terms: problem.terms.map((term, i) => ({ number: i + 1, weeks: term.weeks, startsOn: term.starts_on })),
  positions: problem.positions.map((position) => readPosition(position)),
  pathways: (problem.pathways as Partial<Pathway>[]).map(readPathway),
  annualLeaveWeeks: null,
};
const lines: Line[] = workbook.lines.map((line, i) => ({ ...readLine(line, year.terms.length), locked: i === 0 }));
const rules = rulesInForce(workbook.constraints, { pathways: true, locks: true });
const set: LineSet = { year, lines, rules, violations: rules.flatMap((rule) => ruleViolations(year, rule, lines)) };

const plain = (cell: Cell | null) =>
  cell && Object.fromEntries(Object.entries(cell).filter(([key, v]) => key === "value" || (v !== 1 && v !== false)));

describe("the workbook", () => {
  it.each(sheets(set).map((sheet, index) => [sheet.name, sheet, workbook.sheets[index]] as const))(
    "has the cells of `planner export` on the sheet %s",
    (_, { rows, ...sheet }, exported) => {
      expect({ ...sheet, rows: rows.map((row) => row.map(plain)) }).toEqual(exported);
    },
  );

  it("has as many cells in every row as the sheet has columns", () => {
    for (const sheet of sheets(set)) {
      expect(new Set(sheet.rows.map((row) => row.length))).toEqual(new Set([sheet.widths.length]));
    }
  });
});

describe("csv", () => {
  it("has unit, site and weeks of leave of every term", () => {
    const [heads, first] = csvOf(set).split("\r\n");
    expect(heads?.split(",").length).toBe(3 + 3 * year.terms.length);
    expect(first).toMatch(/^L001,40,yes,/);
  });

  it("lets no name run as a formula", () => {
    const [line] = lines;
    const evil = { ...set, lines: line ? [{ ...line, name: "=1+1" }] : [] };
    expect(csvOf(evil)).toContain("'=1+1");
  });
});
