/** The planner's catalogue: packs and rules with bounds, sources and certainty; see generate.py. */

import document from "./catalogue.json";
import type { Template } from "./clauses";
import type { Bounds } from "./problem";

/** The JSON Schema of one bound, as far as the planner uses it. */
export interface BoundSchema {
  readonly type?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly enum?: readonly string[];
  readonly items?: BoundSchema;
  readonly anyOf?: readonly BoundSchema[];
}

/** A rule with its bounds and where they come from. */
export interface Rule {
  readonly name: string;
  readonly means: string;
  readonly bounds: Bounds;
  readonly sources: readonly string[];
  readonly certainty: string | null;
  readonly note: string;
}

export interface CatalogueRule extends Rule {
  /** What `min` and `max` count. */
  readonly unit: string;
  readonly schema: Readonly<Record<string, BoundSchema>>;
  /** What it asks of one line: constraints with the bounds by name. */
  readonly clauses: readonly Template[];
  /** What it asks of the whole set of lines, in the same form. */
  readonly set_clauses: readonly Template[];
}

export interface Pack {
  readonly name: string;
  readonly place: string;
  readonly year: string;
  readonly n_terms: number | null;
  readonly annual_leave_weeks: number | null;
  readonly note: string;
  readonly rules: readonly Rule[];
}

const catalogue = document as unknown as {
  readonly packs: readonly Pack[];
  readonly rules: readonly CatalogueRule[];
  readonly labels: Readonly<Record<string, string>>;
  readonly certainty: Readonly<Record<string, string>>;
  readonly fills: readonly string[];
};

export const packs = catalogue.packs;
export const rules = catalogue.rules;
export const UNRESTRICTED = "UNRESTRICTED";

const packsByName = new Map(packs.map((pack) => [pack.name, pack]));
const rulesByName = new Map(rules.map((rule) => [rule.name, rule]));
export const packNamed = (name: string): Pack | undefined => packsByName.get(name);
export const ruleNamed = (name: string): CatalogueRule | undefined => rulesByName.get(name);

/** How sure the planner is of a rule's numbers. */
export const CERTAINTY = catalogue.certainty;

/** Colours of specialties in workbooks and on paper, in the planner's order. */
export const FILLS = catalogue.fills;

/** What each bound is called. */
const BOUND_LABEL = catalogue.labels;

/** A bound's label; `min` and `max` say what they count. */
export function boundLabel(rule: string, bound: string): string {
  if (bound !== "min" && bound !== "max") return BOUND_LABEL[bound] ?? bound;
  return `${bound === "min" ? "At least" : "At most"} (${unitOf(rule)})`;
}

/** The bounds of a rule as a phrase; those that are not set are left out. */
export function boundsText(rule: { readonly name: string; readonly bounds: Bounds }): string {
  const schema = ruleNamed(rule.name)?.schema ?? {};
  return Object.entries(rule.bounds)
    .filter(([, value]) => value !== null && !(Array.isArray(value) && value.length === 0))
    .map(([bound, value]) => {
      const text = boundValue(schema[bound] ?? {}, value);
      if (bound === "min" || bound === "max") {
        return `${bound === "min" ? "at least" : "at most"} ${text} ${unitOf(rule.name)}`;
      }
      return `${(BOUND_LABEL[bound] ?? bound).toLowerCase()}: ${text}`;
    })
    .join("; ");
}

const unitOf = (rule: string): string => ruleNamed(rule)?.unit ?? "terms";

/** A bound's value in words. */
export function boundText(value: unknown): string {
  if (value === null || value === undefined) return "not set";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) {
    if (value.length === 0) return "any";
    return value.map((v) => (Array.isArray(v) ? v.join("+") : String(v))).join(Array.isArray(value[0]) ? " or " : ", ");
  }
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A share's value as a percentage, anything else as `boundText`. */
export const boundValue = (schema: BoundSchema, value: unknown): string =>
  isShare(schema) && typeof value === "number" ? `${round(value * 100)} %` : boundText(value);

/** Whether a bound is a share of something, between 0 and 1. */
export const isShare = (schema: BoundSchema): boolean => plain(schema).type === "number";

/** Whether a bound may be left empty. */
export const isOptional = (schema: BoundSchema): boolean =>
  schema.anyOf?.some((one) => one.type === "null") ?? false;

/** The schema of a bound when it has a value. */
export const plain = (schema: BoundSchema): BoundSchema =>
  schema.anyOf?.find((one) => one.type !== "null") ?? schema;

const round = (value: number): number => Math.round(value * 1000) / 1000;
