import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { type RuleInForce, rulesInForce, unknownConstraints } from "../../lib/constraints";
import type { Line } from "../../lib/problem";
import { isChecked, ruleViolations, type Violation } from "../../lib/referee";
import { alwaysViolations, type Asked } from "../../lib/shape";
import { lineSetQuery, type Round, type Run, type SetOfLines } from "../../lib/round";
import { cellsAtFault, type Cells, holdersAtFault } from "./faults";

/** Where the rules a set is judged by come from. */
export type JudgedBy = "the set" | "the run" | "the round";

export interface Verdicts {
  /** Rules of the set that the page checks. */
  readonly rules: readonly RuleInForce[];
  /** Names of rules of the set that the page does not check, and whether the planner found them met. */
  readonly unchecked: readonly { readonly name: string; readonly metWhenMade: boolean }[];
  readonly violations: readonly Violation[];
  /** Names of the lines something objects to. */
  readonly objectedTo: ReadonlySet<string>;
  /** Names of the lines at fault under each rule. */
  readonly byRule: ReadonlyMap<string, ReadonlySet<string>>;
  readonly cells: Cells;
  readonly judgedBy: JudgedBy;
}

/** The lines as they are now, judged by the rules they were made under. */
export function useVerdicts(year: Round, lines: readonly Line[], runs: readonly Run[]): Verdicts {
  const set = useQuery(lineSetQuery(year.id)).data ?? null;
  return useMemo(() => judged(year, lines, runs, set), [year, lines, runs, set]);
}

/** Judge lines; `set` says how they were made, null where that was never recorded. */
export function judged(
  year: Round,
  lines: readonly Line[],
  runs: readonly Run[],
  set: SetOfLines | null,
): Verdicts {
  const last = runs.find((r) => r.status === "COMPLETED" && r.reason !== "stale") ?? null;
  const run = set === null ? last : (runs.find((r) => r.id === set.run) ?? null);
  const constraints = set?.constraints ?? run?.constraints ?? year.constraints;
  const inForce = rulesInForce(constraints, {
    leaveWeeks: year.annualLeaveWeeks,
    pathways: year.pathways.length > 0,
    locks: lines.some((line) => line.locked),
  });
  const rules = inForce.filter((rule) => isChecked(rule.name));
  const objected = new Set(set?.verdict?.objections?.map((one) => one.rule) ?? []);
  const recorded = new Set(set?.verdict?.rules?.map((rule) => rule.name) ?? []);
  const unchecked = [...inForce.map((rule) => rule.name).filter((name) => !isChecked(name)), ...unknownConstraints(constraints)].map(
    (name) => ({ name, metWhenMade: recorded.has(name) && !objected.has(name) }),
  );
  const violations = [
    ...alwaysViolations(year, lines, asked(run)),
    ...rules.flatMap((rule) => ruleViolations(year, rule, lines)),
  ];
  const byRule = holdersAtFault(year, lines, violations);
  return {
    rules,
    unchecked,
    violations,
    objectedTo: new Set([...byRule.values()].flatMap((names) => [...names])),
    byRule,
    cells: cellsAtFault(year, lines, violations),
    judgedBy: set?.constraints ? "the set" : run?.constraints ? "the run" : "the round",
  };
}

const asked = (run: Run | null): Asked | null =>
  run === null ? null : { nJobLines: run.n_job_lines, allowPartial: run.options["allow_partial"] === true };
