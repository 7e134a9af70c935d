import { describe, expect, it } from "vitest";
import { constraintIssues, rulesInForce } from "./constraints";
import told from "./fixtures/referee.json";
import type { Line, Pathway, Year } from "./problem";
import { ruleViolations } from "./referee";
import { readLine, readPathway, readPosition } from "./reading";

const year: Year = {
  name: told.problem.name,
  terms: told.problem.terms.map((term, i) => ({ number: i + 1, weeks: term.weeks, startsOn: null })),
  positions: told.problem.positions.map((position) => readPosition(position)),
  pathways: (told.problem.pathways as Partial<Pathway>[]).map(readPathway),
  annualLeaveWeeks: null,
};
const lines: Line[] = told.lines.map((line) => readLine(line, year.terms.length));

describe("the page's referee", () => {
  it.each(told.cases.map((one) => [JSON.stringify(one.constraints), one] as const))(
    "says what the planner's referee says under %s",
    (_, one) => {
      const inForce = rulesInForce(one.constraints, { pathways: true });
      const name = typeof one.constraints[0] === "string" ? one.constraints[0] : one.constraints[0]?.name;
      const found = inForce
        .filter((rule) => rule.name === name)
        .flatMap((rule) => ruleViolations(year, rule, lines));
      const plain = found.map(({ line, message, found: n, limit }) => ({ line, message, found: n, limit }));
      expect(plain).toEqual(one.violations);
    },
  );
});

describe("the page's reading of constraints", () => {
  it.each(told.readings.map((one) => [JSON.stringify(one.constraints), one] as const))(
    "objects to the same fields as the planner in %s",
    (_, one) => {
      const issues = constraintIssues(one.constraints);
      expect([...new Set(issues.map((issue) => issue.field))].sort()).toEqual(one.fields);
    },
  );
});
