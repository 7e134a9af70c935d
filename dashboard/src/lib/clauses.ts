/**
 * From a rule's data to constraints and sentences, as planner_cli/domain/constraints/clause.py does it:
 * templates name the bounds, binding puts their values in.
 */

import { type Breach, type Constraint, type Held } from "./onLine";
import { type SetBreach, type SetConstraint } from "./onSet";
import { type Bounds, type Term, type Year, yearWeeks } from "./problem";

/** A constraint of a rule as the catalogue holds it, its bounds by name. */
export type Template = Readonly<Record<string, unknown>> & { readonly kind: string };

/** A constraint, on one line or (`SetConstraint`) on the whole set, and how a breach of it is said. */
export interface Clause<C = Constraint> {
  readonly constraint: C;
  readonly says: string | Readonly<Record<string, string>>;
  readonly words: Bounds;
}

const HAIR = 1e-9;
const ABOUT_IT = new Set(["says", "when", "unless", "for_each"]);

/** The clauses of a rule whose bounds have these values, in a year of these terms. */
export const bind = (templates: readonly Template[], bounds: Bounds, terms: readonly Term[]): Clause[] =>
  bound<Constraint>(templates, bounds, terms);

/** The clauses of a rule on the whole set of lines of a year; its pathways can be named as bounds are. */
export const bindOnSet = (templates: readonly Template[], bounds: Bounds, year: Year): Clause<SetConstraint>[] =>
  bound<SetConstraint>(templates, { ...bounds, pathways: year.pathways }, year.terms);

function bound<C>(templates: readonly Template[], bounds: Bounds, terms: readonly Term[]): Clause<C>[] {
  return templates.filter((template) => applies(template, bounds)).flatMap((template) => {
    const each = template["for_each"];
    const items = typeof each === "string" ? (bounds[each] as readonly unknown[]) : [null];
    return items.map((item) => {
      const valueOf = (value: unknown, field: string) => resolved(value, field, bounds, terms, item);
      const own = Object.entries(template).flatMap(([name, value]) =>
        ABOUT_IT.has(name) ? [] : [[name, valueOf(value, name)] as const],
      );
      return {
        constraint: Object.fromEntries(own) as unknown as C,
        says: valueOf(template["says"], "says") as Clause<C>["says"],
        words: item === null ? bounds : { ...bounds, item },
      };
    });
  });
}

/** Put values in the place of names, inside lists and objects too. */
function resolved(value: unknown, field: string, bounds: Bounds, terms: readonly Term[], item: unknown): unknown {
  const inside = (one: unknown) => resolved(one, field, bounds, terms, item);
  if (Array.isArray(value)) return value.map(inside);
  if (typeof value !== "object" || value === null) return value;
  const marked = value as Readonly<Record<string, unknown>>;
  if ("bound" in marked) return bounds[marked["bound"] as string];
  if ("item" in marked) return marked["item"] === true ? item : (item as Bounds)[marked["item"] as string];
  if ("share" in marked) {
    const weeks = (bounds[marked["share"] as string] as number) * yearWeeks(terms);
    return field === "at_least" ? Math.ceil(weeks - HAIR) : Math.floor(weeks + HAIR);
  }
  if ("pick" in marked) {
    const chosen = String(bounds[marked["pick"] as string]);
    return (marked["from"] as Readonly<Record<string, unknown>>)[chosen];
  }
  if ("terms_of" in marked) {
    const least = bounds[marked["terms_of"] as string] as number;
    return terms.filter((term) => term.weeks >= least).map((term) => term.number);
  }
  return Object.fromEntries(Object.entries(marked).map(([name, one]) => [name, inside(one)]));
}

function applies(template: Template, bounds: Bounds): boolean {
  const holds = (asked: unknown) =>
    Object.entries((asked ?? {}) as Bounds).every(([name, value]) => (bounds[name] ?? null) === value);
  return holds(template["when"]) && !(template["unless"] && holds(template["unless"]));
}

/** Say what is wrong with a line. */
export function sentence(clause: Clause, breach: Breach, line: Held): string {
  const [found, limit] = breach.text ?? [breach.found, breach.limit];
  const first = breach.terms?.[0];
  const blamed = line.terms.find(([term]) => term.number === first)?.[1];
  return filled(clause, breach.what, {
    found,
    limit,
    label: breach.label,
    share: `${((100 * (breach.found ?? 0)) / line.weeks).toFixed(1)} %`,
    term: first,
    name: blamed?.name,
    position: blamed?.id,
  });
}

/** Say what is wrong with a set of lines. */
export const setSentence = (clause: Clause<SetConstraint>, breach: SetBreach): string =>
  filled(clause, breach.what, { found: breach.found, limit: breach.limit, ...breach.words });

/** Fill the blanks of a sentence. */
function filled(clause: Clause<unknown>, what: string | undefined, own: Bounds): string {
  const pattern = typeof clause.says === "string" ? clause.says : (clause.says[what ?? ""] ?? "");
  const words: Bounds = { ...clause.words, ...own };
  return pattern.replaceAll(/\{(\w+)(?:\|([^}]+))?\}/g, (_, name: string, noun: string | undefined) =>
    noun === undefined ? String(words[name]) : counted(words[name] as number, noun),
  );
}

/** A number with its noun: 1 term, 2 terms, 3 weeks of leave. */
export function counted(n: number, noun: string): string {
  if (n === 1) return `${n} ${noun}`;
  const [head, ...rest] = noun.split(" of ");
  return rest.length > 0 ? `${n} ${head}s of ${rest.join(" of ")}` : `${n} ${head}s`;
}
