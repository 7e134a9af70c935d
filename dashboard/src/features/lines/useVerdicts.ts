import { useMemo } from "react";
import { type RuleInForce, rulesInForce } from "../../lib/constraints";
import type { Line } from "../../lib/problem";
import { ruleViolations, type Violation } from "../../lib/referee";
import type { Round, Run } from "../../lib/round";

export interface Verdicts {
  readonly rules: readonly RuleInForce[];
  readonly violations: readonly Violation[];
  readonly objectedTo: ReadonlySet<string>;
  /** The run whose rules these are; null: those of the allocation run. */
  readonly run: Run | null;
}

/** The rules the lines were made by, and what they say of the lines as they are now. */
export function useVerdicts(year: Round, lines: readonly Line[], runs: readonly Run[]): Verdicts {
  return useMemo(() => {
    const run = runs.find((r) => r.status === "COMPLETED" && r.reason !== "stale") ?? null;
    const rules = rulesInForce(run?.constraints ?? year.constraints, {
      leaveWeeks: year.annualLeaveWeeks,
      pathways: year.pathways.length > 0,
      locks: lines.some((line) => line.locked),
    });
    const violations = rules.flatMap((rule) => ruleViolations(year, rule, lines));
    const objectedTo = new Set(violations.flatMap((v) => (v.line === null ? [] : [v.line])));
    return { rules, violations, objectedTo, run };
  }, [year, lines, runs]);
}
