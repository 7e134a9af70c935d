/** What a manager types before asking for lines, kept as typed, and what it means. */

import { type BoundSchema, isOptional, isShare, packNamed, plain, ruleNamed, rules } from "../../lib/catalogue";
import { date, parseDate } from "../../lib/calendar";
import { constraintIssues, type Issue, nameAndBounds } from "../../lib/constraints";
import type { Bounds, Constraint, Pathway, Strength } from "../../lib/problem";
import type { Round, Run } from "../../lib/round";
import { yearIssues } from "../../lib/yearIssues";

/** A bound as typed: a text for numbers, names and splits, else the value itself. */
export type Draft = string | boolean | readonly string[];
export interface RuleDraft {
  readonly on: boolean;
  readonly bounds: Readonly<Record<string, Draft>>;
}
export interface TermDraft {
  readonly weeks: string;
  readonly startsOn: string;
}
export interface PathwayDraft {
  readonly name: string;
  readonly n_lines: string;
  readonly positions: readonly string[];
  readonly specialties: readonly string[];
  readonly strength: Strength;
}
/** The form; null for a part of the year means: as it is in the database. */
export interface RunForm {
  readonly nJobLines: string;
  readonly pack: string | null;
  readonly rules: Readonly<Record<string, RuleDraft>>;
  readonly terms: readonly TermDraft[] | null;
  readonly annualLeaveWeeks: string | null;
  readonly pathways: readonly PathwayDraft[] | null;
  readonly timeLimit: string;
  readonly targetGap: string;
  readonly seed: string;
  readonly allowPartial: boolean;
}

/** A share of 0.25 is typed as 25. */
const asTyped = (schema: BoundSchema, value: unknown): Draft => {
  if (typeof value === "boolean") return value;
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(isShare(schema) ? round(value * 100) : value);
  if (!Array.isArray(value)) return typeof value === "string" ? value : JSON.stringify(value);
  if (plain(schema).items?.type === "array") return (value as number[][]).map((s) => s.join("+")).join(" or ");
  return value.map(String);
};

const round = (value: number): number => Math.round(value * 1e6) / 1e6;

/** A number as typed, with a decimal comma or point; NaN when it is none. */
export const toNumber = (text: string): number =>
  text.trim() === "" ? NaN : Number(text.trim().replace(/[,](?=\d{1,2}$)/, "."));

/** What a typed bound means; NaN where a number cannot be read. */
export function boundOf(schema: BoundSchema, draft: Draft): unknown {
  if (typeof draft !== "string") return draft;
  if (draft.trim() === "" && isOptional(schema)) return null;
  switch (plain(schema).type) {
    case "integer":
      return toNumber(draft);
    case "number":
      return round(toNumber(draft) / 100);
    case "array":
      return draft.trim() === "" || draft.trim() === "any" ? [] : draft.split(/\s*(?:or|,|;)\s*/).map(splitOf);
    default:
      return draft;
  }
}

const splitOf = (text: string): number[] => text.split("+").map(toNumber);

/** The bounds a rule has before anything is typed: the pack's, else the catalogue's. */
export function defaultBounds(form: Pick<RunForm, "pack">, name: string): Bounds {
  const pack = form.pack === null ? undefined : packNamed(form.pack);
  return (pack?.rules.find((rule) => rule.name === name) ?? ruleNamed(name))?.bounds ?? {};
}

/** Whether the pack brings a rule. */
export const isOfPack = (form: Pick<RunForm, "pack">, name: string): boolean =>
  form.pack !== null && (packNamed(form.pack)?.rules.some((rule) => rule.name === name) ?? false);

export const isOn = (form: RunForm, name: string): boolean => form.rules[name]?.on ?? isOfPack(form, name);

/** What stands in a bound's field: what was typed, else the default. */
export const draftOf = (form: RunForm, name: string, bound: string, schema: BoundSchema): Draft =>
  form.rules[name]?.bounds[bound] ?? asTyped(schema, defaultBounds(form, name)[bound]);

export const defaultDraft = (form: RunForm, name: string, bound: string, schema: BoundSchema): Draft =>
  asTyped(schema, defaultBounds(form, name)[bound]);

function changedBounds(form: RunForm, name: string): Record<string, unknown> {
  const rule = ruleNamed(name);
  const defaults = defaultBounds(form, name);
  const changed: Record<string, unknown> = {};
  for (const [bound, draft] of Object.entries(form.rules[name]?.bounds ?? {})) {
    const schema = rule?.schema[bound];
    if (!schema) continue;
    const value = boundOf(schema, draft);
    if (JSON.stringify(value) !== JSON.stringify(defaults[bound])) changed[bound] = value;
  }
  return changed;
}

/** Rules of the pack that are switched off: then the others are named one by one. */
export const switchedOff = (form: RunForm): string[] =>
  rules.map((rule) => rule.name).filter((name) => isOfPack(form, name) && !isOn(form, name));

/** The constraints a form stands for; `ofYear` is the leave of the year itself, if it has one. */
export function constraintsOf(form: RunForm, ofYear: number | null = null): Constraint[] {
  const on = rules.map((rule) => rule.name).filter((name) => isOn(form, name));
  const pack = form.pack === null ? undefined : packNamed(form.pack);
  if (!pack || switchedOff(form).length === 0) {
    const named = on.flatMap((name): Constraint[] => {
      const changed = changedBounds(form, name);
      if (isOfPack(form, name) && Object.keys(changed).length === 0) return [];
      return [Object.keys(changed).length === 0 ? name : { name, ...changed }];
    });
    return pack ? [pack.name, ...named] : named;
  }
  const named = on.map((name): Constraint => ({ name, ...defaultBounds(form, name), ...changedBounds(form, name) }));
  const leave = pack.annual_leave_weeks;
  if (leave === null || ofYear !== null || on.includes("ANNUAL_LEAVE")) return named;
  return [...named, { name: "ANNUAL_LEAVE", weeks: leave }];
}

/** The part of a form that a list of constraints stands for. */
export function fromConstraints(constraints: readonly Constraint[]): Pick<RunForm, "pack" | "rules"> {
  const named = constraints.map(nameAndBounds);
  const pack = named.find(({ name }) => packNamed(name))?.name ?? null;
  const drafts: Record<string, RuleDraft> = {};
  for (const { name, bounds } of named) {
    const rule = ruleNamed(name);
    if (!rule) continue;
    const typed = Object.entries(bounds).flatMap(([bound, value]) => {
      const schema = rule.schema[bound];
      return schema ? [[bound, asTyped(schema, value)] as const] : [];
    });
    drafts[name] = { on: true, bounds: Object.fromEntries(typed) };
  }
  return { pack, rules: drafts };
}

/**
 * The form for a year nobody has asked about yet. The number of lines is the round's own; where it
 * has none, that of the last run, of the lines there are, or of the term with most funded posts: fewer
 * lines would leave some of those empty.
 */
export function freshForm(year: Round, nLines: number, lastRun: number | null = null): RunForm {
  const funded = year.terms.map((_, term) => year.positions.reduce((n, p) => n + (p.postsMin[term] ?? 0), 0));
  const options = year.options;
  return {
    ...fromConstraints(year.constraints),
    nJobLines: String(year.nJobLines ?? lastRun ?? (nLines || Math.max(1, ...funded))),
    terms: null,
    annualLeaveWeeks: null,
    pathways: null,
    ...optionDrafts(options),
  };
}

function optionDrafts(options: Readonly<Record<string, unknown>>) {
  const typed = (name: string, fallback: string, scale = 1): string =>
    typeof options[name] === "number" ? String(round(options[name] * scale)) : fallback;
  return {
    timeLimit: typed("time_limit_seconds", "120"),
    targetGap: typed("target_gap", "", 100),
    seed: typed("seed", "1"),
    allowPartial: options["allow_partial"] === true,
  };
}

/** The settings of a run, back in the form; the year stays as it is. */
export function fromRun(form: RunForm, run: Run, year: Round): RunForm {
  return {
    ...form,
    ...fromConstraints(run.constraints ?? year.constraints),
    ...optionDrafts({ ...year.options, ...run.options }),
    nJobLines: String(run.n_job_lines),
  };
}

export const termDrafts = (form: RunForm, year: Round): readonly TermDraft[] =>
  form.terms?.length === year.terms.length
    ? form.terms
    : year.terms.map((term) => ({
        weeks: String(term.weeks),
        startsOn: term.startsOn === null ? "" : date(term.startsOn),
      }));

export const pathwayDrafts = (form: RunForm, year: Round): readonly PathwayDraft[] =>
  form.pathways ??
  year.pathways.map((pathway) => ({
    name: pathway.name,
    n_lines: String(pathway.n_lines),
    positions: pathway.positions,
    specialties: pathway.specialties,
    strength: pathway.strength,
  }));

export const leaveDraft = (form: RunForm, year: Round): string =>
  form.annualLeaveWeeks ?? (year.annualLeaveWeeks === null ? "" : String(year.annualLeaveWeeks));

/** What a form means; numbers that cannot be read are NaN. */
export interface Meaning {
  readonly nJobLines: number;
  readonly constraints: readonly Constraint[];
  readonly options: Readonly<{
    time_limit_seconds: number;
    target_gap: number | null;
    seed: number;
    allow_partial: boolean;
  }>;
  readonly terms: readonly { weeks: number; startsOn: string | null }[];
  readonly annualLeaveWeeks: number | null;
  readonly pathways: readonly Pathway[];
}

export function meaningOf(form: RunForm, year: Round): Meaning {
  const leave = leaveDraft(form, year).trim();
  const annualLeaveWeeks = leave === "" ? null : toNumber(leave);
  return {
    nJobLines: toNumber(form.nJobLines),
    constraints: constraintsOf(form, annualLeaveWeeks),
    options: {
      time_limit_seconds: toNumber(form.timeLimit),
      target_gap: form.targetGap.trim() === "" ? null : round(toNumber(form.targetGap) / 100),
      seed: toNumber(form.seed),
      allow_partial: form.allowPartial,
    },
    terms: termDrafts(form, year).map((term) => ({
      weeks: toNumber(term.weeks),
      startsOn: parseDate(term.startsOn),
    })),
    annualLeaveWeeks,
    pathways: pathwayDrafts(form, year).map((p) => ({
      ...p,
      name: p.name.trim(),
      n_lines: toNumber(p.n_lines),
    })),
  };
}

/** Everything wrong with a form, as the planner would say it; fields of rules are `RULE.bound`. */
export function formIssues(form: RunForm, year: Round, nLocked: number): Issue[] {
  const meaning = meaningOf(form, year);
  const typedDates = termDrafts(form, year).flatMap((term, index): Issue[] =>
    term.startsOn.trim() !== "" && parseDate(term.startsOn) === null
      ? [{ field: `terms[${index}].starts_on`, message: "Give a date as DD/MM/YYYY." }]
      : [],
  );
  const ofYear = yearIssues({ ...meaning, nLocked, positions: year.positions });
  return [
    ...typedDates,
    ...ofYear.filter((issue) => !typedDates.some((typed) => typed.field === issue.field)),
    ...constraintIssues(meaning.constraints, meaning.annualLeaveWeeks).map((issue) =>
      byRule(issue, meaning.constraints),
    ),
  ];
}

function byRule(issue: Issue, constraints: readonly Constraint[]): Issue {
  const found = /^constraints\[(\d+)\]\.?([a-z_]*)/.exec(issue.field);
  if (!found) return { ...issue, field: issue.field.replace("constraints.", "") };
  const constraint = constraints[Number(found[1])];
  const name = constraint === undefined ? "" : nameAndBounds(constraint).name;
  return { ...issue, field: `${name}.${found[2] ?? ""}` };
}

/** Units and terms that cannot hold the lines asked for: a sentence before anybody waits for proof. */
export function shortages(form: RunForm, year: Round): string[] {
  const n = toNumber(form.nJobLines);
  return year.terms.flatMap((term, index) => {
    const posts = year.positions.reduce((sum, p) => sum + (p.postsMax[index] ?? 0), 0);
    return posts < n ? [`Term ${term.number} has ${posts} accredited posts for ${n} lines.`] : [];
  });
}
