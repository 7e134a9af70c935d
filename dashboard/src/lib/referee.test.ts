import { describe, expect, it } from "vitest";
import { rules } from "./catalogue";
import { constraintIssues, nameAndBounds, rulesInForce, unknownConstraints } from "./constraints";
import told from "./fixtures/referee.json";
import type { Line, Pathway, Year } from "./problem";
import { breaches, type Constraint } from "./onLine";
import { heldBy, isChecked, ruleViolations } from "./referee";
import { ALWAYS, alwaysViolations } from "./shape";
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

describe("the page's verdict on a whole set", () => {
  const wide: Year = {
    ...year,
    positions: [...year.positions, ...told.extra.map((position) => readPosition(position))],
  };
  it.each(told.sets.map((one, index) => [index, one] as const))("is the planner's, set %i", (_, one) => {
    const own = one.lines.map((line) => readLine(line, year.terms.length));
    const found = [
      ...alwaysViolations(wide, own, one.asked),
      ...rulesInForce(one.constraints).flatMap((rule) => ruleViolations({ ...wide, pathways: [] }, rule, own)),
    ];
    const plain = (list: readonly { rule: string; line: string | null; message: string }[]) =>
      list.map(({ rule, line, message }) => `${rule} | ${line} | ${message}`).toSorted();
    expect(plain(found)).toEqual(plain(one.violations));
  });
  it("meets every rule and every sentence of the planner's referee", () => {
    const names = new Set([
      ...told.cases.flatMap((one) => (one.violations.length > 0 ? [nameAndBounds(one.constraints[0] ?? "").name] : [])),
      ...told.sets.flatMap((one) => one.violations.map((violation) => violation.rule)),
    ]);
    const all = [...rules.map((rule) => rule.name), ...ALWAYS].filter((name) => name !== "LOCKED_LINES");
    expect(all.filter((name) => !names.has(name))).toEqual([]);
  });
  it("does not claim to check what it does not know", () => {
    expect(isChecked("MAX_RURAL_TERMS")).toBe(true);
    expect(isChecked("LOCKED_LINES")).toBe(false);
    expect(isChecked("A_RULE_OF_NEXT_YEAR")).toBe(false);
    expect(unknownConstraints(["VIC_PGY1", { name: "A_RULE_OF_NEXT_YEAR", max: 1 }])).toEqual(["A_RULE_OF_NEXT_YEAR"]);
  });
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

describe("the constraints on a line", () => {
  it.each(told.constraints.map((one) => [JSON.stringify(one.constraint), one] as const))(
    "are judged as the planner judges them: %s",
    (_, one) => {
      const found = lines.map((line) =>
        breaches(one.constraint as unknown as Constraint, heldBy(year, line)).map((breach) => ({
          found: breach.found,
          limit: breach.limit,
          what: breach.what ?? "",
          label: breach.label ?? null,
          terms: breach.terms ?? [],
          text: breach.text ?? null,
        })),
      );
      expect(found).toEqual(one.breaches);
    },
  );
});
