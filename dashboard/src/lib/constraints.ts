/** Constraints as they are stored, and the rules that follow from them: the planner's own reading. */

import { type BoundSchema, packNamed, packs, type Rule, ruleNamed, rules } from "./catalogue";
import type { Bounds, Constraint } from "./problem";

/** What is wrong with one field, in words; `field` is the planner's own path. */
export interface Issue {
  readonly field: string;
  readonly message: string;
}

/** A rule in force: its bounds, and the pack that brought it, if one did. */
export interface RuleInForce extends Rule {
  readonly pack: string | null;
}

/** The name of a constraint and the bounds given with it. */
export function nameAndBounds(constraint: Constraint): { name: string; bounds: Bounds } {
  if (typeof constraint === "string") return { name: constraint, bounds: {} };
  const { name, ...bounds } = constraint;
  return { name, bounds };
}

/** Constraints this page does not know: they are named, never counted as met. */
export const unknownConstraints = (constraints: readonly Constraint[]): string[] =>
  constraints.map((c) => nameAndBounds(c).name).filter((name) => !packNamed(name) && !ruleNamed(name));

/** The rules a list of constraints asks for, in the catalogue's order; see unknownConstraints too. */
export function rulesInForce(
  constraints: readonly Constraint[],
  extras: { leaveWeeks?: number | null; pathways?: boolean; locks?: boolean } = {},
): RuleInForce[] {
  const chosen = new Map<string, RuleInForce>();
  let packLeave: number | null = null;
  for (const { name } of constraints.map(nameAndBounds)) {
    const pack = packNamed(name);
    if (!pack) continue;
    packLeave ??= pack.annual_leave_weeks;
    for (const rule of pack.rules) chosen.set(rule.name, { ...rule, pack: name });
  }
  for (const { name, bounds } of constraints.map(nameAndBounds)) {
    const known = ruleNamed(name);
    if (!known) continue;
    const base = chosen.get(name) ?? { ...known, pack: null };
    chosen.set(name, { ...base, bounds: { ...base.bounds, ...bounds } });
  }
  const leave = chosen.get("ANNUAL_LEAVE");
  if (leave?.bounds["weeks"] === null) {
    const weeks = extras.leaveWeeks ?? packLeave ?? 0;
    chosen.set("ANNUAL_LEAVE", { ...leave, bounds: { ...leave.bounds, weeks } });
  }
  for (const [name, there] of [["PATHWAY", extras.pathways], ["LOCKED_LINES", extras.locks]] as const) {
    const known = ruleNamed(name);
    if (there && known && !chosen.has(name)) chosen.set(name, { ...known, pack: null });
  }
  return rules.flatMap((rule) => chosen.get(rule.name) ?? []);
}

/** Weeks of leave of each line: the problem's, else the pack's, else the rule's own, else none. */
export function leaveWeeks(constraints: readonly Constraint[], ofYear: number | null): number {
  const found = rulesInForce(constraints, { leaveWeeks: ofYear }).find((r) => r.name === "ANNUAL_LEAVE");
  const own = found?.bounds["weeks"];
  if (typeof own === "number") return own;
  const named = constraints.flatMap((c) => packNamed(nameAndBounds(c).name) ?? []);
  return ofYear ?? named.find((pack) => pack.annual_leave_weeks)?.annual_leave_weeks ?? 0;
}

/** Say what is wrong with a list of constraints, as the planner itself would; empty when nothing. */
export function constraintIssues(
  constraints: readonly Constraint[],
  ofYear: number | null = null,
): Issue[] {
  const issues: Issue[] = [];
  const seen = new Map<string, number>();
  let n_packs = 0;
  constraints.forEach((constraint, index) => {
    const { name, bounds } = nameAndBounds(constraint);
    const field = `constraints[${index}]`;
    const rule = ruleNamed(name);
    if (packNamed(name)) {
      n_packs += 1;
      if (Object.keys(bounds).length > 0) issues.push({ field, message: `${name} takes no bounds.` });
      if (n_packs > 1) issues.push({ field, message: "Only one pack of rules can apply." });
    } else if (!rule) {
      issues.push({ field: `${field}.name`, message: `${name} is not a known rule.` });
    } else if (seen.has(name)) {
      issues.push({ field, message: `${name} is there twice.` });
    } else {
      seen.set(name, index);
      for (const [bound, value] of Object.entries(bounds)) {
        const schema = rule.schema[bound];
        if (!schema) issues.push({ field: `${field}.${bound}`, message: `${name} has no such bound.` });
        else issues.push(...boundIssues(schema, value, `${field}.${bound}`));
      }
    }
  });
  return issues.length > 0 ? issues : leaveIssues(constraints, ofYear);
}

function leaveIssues(constraints: readonly Constraint[], ofYear: number | null): Issue[] {
  const rule = rulesInForce(constraints, { leaveWeeks: ofYear }).find((r) => r.name === "ANNUAL_LEAVE");
  const weeks = rule?.bounds["weeks"];
  const splits = rule?.bounds["blocks"] as readonly (readonly number[])[] | undefined;
  if (typeof weeks !== "number" || !splits) return [];
  const wrong = splits.filter((split) => split.reduce((sum, block) => sum + block, 0) !== weeks);
  return wrong.map((split) => ({
    field: "constraints.ANNUAL_LEAVE.blocks",
    message: `${split.join("+")} does not add up to the ${weeks} weeks of leave.`,
  }));
}

/** Say what is wrong with one bound; fields of list items end in their index. */
export function boundIssues(schema: BoundSchema, value: unknown, field: string): Issue[] {
  if (schema.anyOf) {
    const options = schema.anyOf;
    if (options.some((option) => boundIssues(option, value, field).length === 0)) return [];
    return boundIssues(options.find((option) => option.type !== "null") ?? {}, value, field);
  }
  const fault = (message: string): Issue[] => [{ field, message }];
  switch (schema.type) {
    case "null":
      return value === null ? [] : fault("Leave it empty.");
    case "integer":
    case "number":
      return numberIssues(schema, value, fault);
    case "boolean":
      return typeof value === "boolean" ? [] : fault("Choose yes or no.");
    case "array":
      if (!Array.isArray(value)) return fault("Give a list.");
      return value.flatMap((item, index) => boundIssues(schema.items ?? {}, item, `${field}.${index}`));
    default:
      return textIssues(schema, value, fault);
  }
}

function numberIssues(schema: BoundSchema, value: unknown, fault: (m: string) => Issue[]): Issue[] {
  const whole = schema.type === "integer";
  const scale = whole ? 1 : 100;
  const unit = whole ? "" : " %";
  const low = (schema.minimum ?? -Infinity) * scale;
  const high = (schema.maximum ?? Infinity) * scale;
  if (typeof value !== "number" || !Number.isFinite(value)) return fault("Give a number.");
  if (whole && !Number.isInteger(value)) return fault("Give a whole number.");
  if (value * scale < low || value * scale > high) return fault(`Give ${low} to ${high}${unit}.`);
  return [];
}

function textIssues(schema: BoundSchema, value: unknown, fault: (m: string) => Issue[]): Issue[] {
  if (typeof value !== "string") return fault("Give a text.");
  if (schema.enum && !schema.enum.includes(value)) return fault(`Choose ${schema.enum.join(" or ")}.`);
  if (value.trim().length < (schema.minLength ?? 0)) return fault("Give a text that is not empty.");
  if (value.length > (schema.maxLength ?? Infinity)) return fault("The text is too long.");
  return [];
}

/** The pack a list of constraints names, or null. */
export const packOf = (constraints: readonly Constraint[]): string | null =>
  constraints.map((c) => nameAndBounds(c).name).find((name) => packs.some((p) => p.name === name)) ?? null;
