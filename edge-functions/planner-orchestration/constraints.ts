/** Constraints of a request: known names, known bounds, each within its range. */

import { z } from "zod";
import contract from "../_shared/contract.json" with { type: "json" };
import type { FieldError } from "../_shared/problem.ts";
import { fieldErrors } from "./field_errors.ts";

/** A name, or an object with `name` and bounds. */
export type Constraint = string | ({ name: string } & Record<string, unknown>);

const PACKS = new Set(contract.packs);
const RULES = new Map(Object.entries(contract.rules));
const checked = new Map<string, z.ZodType>();

/** Say what is wrong with a list of constraints; empty when the planner can read it. */
export function checkConstraints(constraints: unknown[]): FieldError[] {
  const errors: FieldError[] = [];
  const packs: string[] = [];
  const rules = new Map<string, number>();
  constraints.forEach((entry, index) => {
    const field = `constraints[${index}]`;
    const constraint = readConstraint(entry);
    if (constraint === null) {
      errors.push({ field, message: 'must be a name, or an object with "name" and bounds' });
      return;
    }
    const { name, bounds } = constraint;
    if (PACKS.has(name)) {
      packs.push(name);
      errors.push(...checkPack(field, name, bounds, packs));
    } else if (!RULES.has(name)) {
      errors.push({ field: `${field}.name`, message: `unknown constraint; ${nearest(name)}` });
    } else if (rules.has(name)) {
      const message = `${name} is given already at constraints[${rules.get(name)}]`;
      errors.push({ field, message });
    } else {
      rules.set(name, index);
      const read = boundsOf(name).safeParse(bounds);
      if (!read.success) errors.push(...fieldErrors(read.error, field));
    }
  });
  return errors.slice(0, 20);
}

function readConstraint(entry: unknown): { name: string; bounds: Record<string, unknown> } | null {
  if (typeof entry === "string") return { name: entry, bounds: {} };
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return null;
  const { name, ...bounds } = entry as Record<string, unknown>;
  return typeof name === "string" ? { name, bounds } : null;
}

function* checkPack(
  field: string,
  name: string,
  bounds: Record<string, unknown>,
  packs: string[],
): Generator<FieldError> {
  if (Object.keys(bounds).length > 0) {
    yield { field, message: `the pack ${name} takes no bounds: name the rule beside it` };
  }
  if (packs.length > 1) yield { field, message: `two packs are named: ${packs.join(" and ")}` };
}

function boundsOf(name: string): z.ZodType {
  const known = checked.get(name);
  if (known !== undefined) return known;
  const schema = z.fromJSONSchema(RULES.get(name) as z.core.JSONSchema.JSONSchema);
  checked.set(name, schema);
  return schema;
}

/** Help with a misspelt name: the known names that share most of its words. */
function nearest(name: string): string {
  const words = new Set(name.toUpperCase().slice(0, 100).split(/[^A-Z0-9]+/));
  const shared = (known: string) => known.split("_").filter((word) => words.has(word)).length;
  const known = [...RULES.keys(), ...PACKS].map((other) => ({ other, n: shared(other) }));
  const best = Math.max(...known.map(({ n }) => n));
  if (best === 0) return "see `planner rules`";
  const close = known.filter(({ n }) => n === best).slice(0, 3).map(({ other }) => other);
  return `did you mean ${close.join(" or ")}?`;
}
