/** A repair the planner proposes, put into the form. */

import { ruleNamed } from "../../lib/catalogue";
import type { Bounds, Repair } from "../../lib/problem";
import { fromConstraints, type RunForm } from "./form";

type Change = Readonly<Record<string, unknown>>;

/**
 * The form with the repair in it; the same form when nothing in it can be applied. A repair that
 * changes the year's posts is not for the form: see postChanges.ts.
 */
export function applyRepair(form: RunForm, repair: Repair): RunForm {
  return (repair.changes ?? []).reduce<RunForm>((changed, change) => applied(changed, repair.kind, change), form);
}

function applied(form: RunForm, kind: string, change: Change): RunForm {
  if (kind === "fewer_lines") {
    const n = change["n_job_lines"];
    return typeof n === "number" ? { ...form, nJobLines: String(n) } : form;
  }
  const name = change["name"];
  const rule = typeof name === "string" ? ruleNamed(name) : undefined;
  if (typeof name !== "string" || !rule) return form;
  if (kind === "drop_rule") {
    return { ...form, rules: { ...form.rules, [name]: { on: false, bounds: {} } } };
  }
  const bounds = Object.fromEntries(Object.entries(change).filter(([key]) => key in rule.schema)) as Bounds;
  const relaxed = fromConstraints([{ name, ...bounds }]).rules[name];
  const before = form.rules[name]?.bounds ?? {};
  if (!relaxed) return form;
  return { ...form, rules: { ...form.rules, [name]: { on: true, bounds: { ...before, ...relaxed.bounds } } } };
}
