/**
 * The constraints on one line that every rule is made of, judged as the planner's referee judges them
 * (planner_cli/domain/constraints/on_line.py): count, distinct, changes, adjacent, before, same, leave.
 */

import type { Leave, Position, Term } from "./problem";

/** A line with its positions looked up; empty terms are left out. */
export interface Held {
  readonly name: string;
  readonly terms: readonly (readonly [Term, Position])[];
  readonly leave: readonly Leave[];
  readonly leaveByTerm: readonly number[];
  readonly weeks: number;
}

/** Positions that match every field given, and in each one of its values. */
export interface Selector {
  readonly positions?: readonly string[] | null;
  readonly specialties?: readonly string[] | null;
  readonly subspecialties?: readonly string[] | null;
  readonly sites?: readonly string[] | null;
  readonly teams?: readonly string[] | null;
  readonly categories?: readonly string[] | null;
  readonly service?: string | boolean | null;
  readonly rural?: boolean | null;
  readonly community?: boolean | null;
  readonly clinical_team?: boolean | null;
  readonly non_clinical?: boolean | null;
  readonly not?: Selector | null;
}

type Label = "position" | "site" | "team" | "specialty" | "subspecialty" | "key";

/** A constraint with its bounds filled in; which fields it has depends on its kind. */
export interface Constraint {
  readonly kind: string;
  readonly unit?: "terms" | "weeks" | "practice" | "stays" | null;
  readonly where?: Selector | null;
  readonly by?: Label | null;
  readonly in_terms?: readonly number[] | null;
  readonly at_least?: number | null;
  readonly at_most?: number | null;
  readonly each?: boolean | null;
  readonly first?: Selector;
  readonly then?: Selector;
  readonly weeks?: number | null;
  readonly splits?: readonly (readonly number[])[] | null;
  readonly min_gap_weeks?: number | null;
  readonly most_in_term?: number | null;
}

/** One way in which a line breaks a constraint. */
export interface Breach {
  readonly found: number | null;
  readonly limit: number | null;
  /** Which of a constraint's sentences says it, where it has several. */
  readonly what?: string;
  readonly label?: string | null;
  /** Numbers of the terms to blame, from 1. */
  readonly terms?: readonly number[];
  /** What was found and what is allowed where they are no numbers. */
  readonly text?: readonly [string, string];
}

interface Stay {
  readonly position: Position;
  readonly first: number;
  readonly last: number;
}

const key = (p: Position): string => p.subspecialty ?? p.specialty;
const LABELS: Readonly<Record<Label, (p: Position) => string | null>> = {
  position: (p) => p.id,
  site: (p) => p.site,
  team: (p) => p.team ?? key(p),
  specialty: (p) => p.specialty,
  subspecialty: (p) => p.subspecialty,
  key,
};
const endWeek = (block: Leave): number => block.startWeek + block.weeks - 1;
const split = (blocks: readonly number[]): string => blocks.join("+") || "none";
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** Whether a position is meant. */
export function matches(where: Selector | null | undefined, p: Position): boolean {
  if (!where) return true;
  const listed = (values: readonly string[] | null | undefined, own: string | null) =>
    values === null || values === undefined || (own !== null && values.includes(own));
  const flagged = (wanted: boolean | null | undefined, own: boolean) => (wanted ?? own) === own;
  const service = where.service ?? null;
  return (
    listed(where.positions, p.id) &&
    listed(where.specialties, p.specialty) &&
    listed(where.subspecialties, p.subspecialty) &&
    listed(where.sites, p.site) &&
    listed(where.teams, LABELS.team(p)) &&
    flagged(where.rural, p.rural) &&
    flagged(where.community, p.community) &&
    flagged(where.clinical_team, p.clinicalTeam) &&
    flagged(where.non_clinical, p.nonClinical) &&
    (!where.categories || where.categories.some((c) => (p.categories).includes(c))) &&
    (service === null || (typeof service === "boolean" ? (p.service !== null) === service : p.service === service)) &&
    !(where.not && matches(where.not, p))
  );
}

/** The stays of a line: a position held for its terms in a row; the same again is a stay of its own. */
export function stays(line: Held): Stay[] {
  const found: Stay[] = [];
  let index = 0;
  while (index < line.terms.length) {
    const [term, position] = line.terms[index] as readonly [Term, Position];
    let last = index;
    while (last + 1 < Math.min(line.terms.length, index + position.spanTerms)) {
      const [next, following] = line.terms[last + 1] as readonly [Term, Position];
      if (following.id !== position.id || next.number !== (line.terms[last]?.[0].number ?? 0) + 1) break;
      last += 1;
    }
    found.push({ position, first: term.number, last: line.terms[last]?.[0].number ?? term.number });
    index = last + 1;
  }
  return found;
}

function count(c: Constraint, line: Held): Breach[] {
  const begins = new Set(stays(line).map((stay) => stay.first));
  const amounts = new Map<string | null, { amount: number; terms: number[] }>();
  for (const [term, position] of line.terms) {
    const label = c.by ? LABELS[c.by](position) : null;
    if (!counts(c, term, position) || (c.by && label === null)) continue;
    const own = amounts.get(label) ?? { amount: 0, terms: [] };
    own.terms.push(term.number);
    own.amount += {
      terms: 1,
      weeks: term.weeks,
      practice: term.weeks - (line.leaveByTerm[term.number - 1] ?? 0),
      stays: begins.has(term.number) ? 1 : 0,
    }[c.unit ?? "terms"];
    amounts.set(label, own);
  }
  const breaches: Breach[] = [];
  const most = c.at_most ?? Infinity;
  for (const [label, { amount, terms }] of amounts) {
    if (amount <= most) continue;
    if (c.each) breaches.push(...terms.map((term) => ({ found: 1, limit: most, label, terms: [term] })));
    else breaches.push({ found: amount, limit: most, label, terms });
  }
  const none = { label: null as string | null, amount: 0, terms: [] as number[] };
  const largest = [...amounts].reduce((a, [label, own]) => (own.amount > a.amount || a === none ? { label, ...own } : a), none);
  const least = c.at_least ?? -Infinity;
  if (largest.amount < least) {
    breaches.push({ found: largest.amount, limit: least, label: largest.label, terms: largest.terms });
  }
  return breaches;
}

const counts = (c: Constraint, term: Term, position: Position): boolean =>
  (!c.in_terms || c.in_terms.includes(term.number)) && matches(c.where, position);

function distinct(c: Constraint, line: Held): Breach[] {
  const terms = new Map<string, number>();
  for (const [term, position] of line.terms) {
    const label = LABELS[c.by ?? "key"](position);
    if (counts(c, term, position) && label !== null && !terms.has(label)) terms.set(label, term.number);
  }
  const found = { found: terms.size, terms: [...terms.values()] };
  return [
    ...(terms.size < (c.at_least ?? -Infinity) ? [{ ...found, limit: c.at_least ?? null }] : []),
    ...(terms.size > (c.at_most ?? Infinity) ? [{ ...found, limit: c.at_most ?? null }] : []),
  ];
}

function changes(c: Constraint, line: Held): Breach[] {
  const label = (index: number) => LABELS[c.by ?? "site"]((line.terms[index] as readonly [Term, Position])[1]);
  const changed = line.terms.flatMap(([term], i) => (i > 0 && label(i - 1) !== label(i) ? [term.number] : []));
  const most = c.at_most ?? Infinity;
  return changed.length > most ? [{ found: changed.length, limit: most, terms: changed }] : [];
}

function adjacent(c: Constraint, line: Held): Breach[] {
  const held = stays(line);
  return held.slice(1).flatMap((after, index) => {
    const before = held[index] as Stay;
    const barred = matches(c.first, before.position) && matches(c.then, after.position);
    return barred ? [{ found: 1, limit: 0, terms: [before.last, after.first] }] : [];
  });
}

function before(c: Constraint, line: Held): Breach[] {
  const least = c.at_least ?? 1;
  return stays(line).flatMap((stay) => {
    if (!matches(c.then, stay.position)) return [];
    const earlier = line.terms.filter(([term, position]) => term.number < stay.first && matches(c.first, position));
    const found = sum(earlier.map(([term]) => (c.unit === "weeks" ? term.weeks : 1)));
    return found < least ? [{ found, limit: least, terms: [stay.first] }] : [];
  });
}

function leave(c: Constraint, line: Held): Breach[] {
  const taken = line.leave.map((block) => block.weeks);
  const breaches: Breach[] = [];
  const due = c.weeks ?? null;
  if (due !== null && sum(taken) !== due) breaches.push({ what: "weeks", found: sum(taken), limit: due });
  const allowed = (c.splits ?? []).map(split);
  if (allowed.length > 0 && !allowed.includes(split(taken))) {
    breaches.push({ what: "split", found: null, limit: null, text: [split(taken), allowed.join(" or ")] });
  }
  line.leave.slice(1).forEach((block, index) => {
    const gap = block.startWeek - endWeek(line.leave[index] as Leave) - 1;
    const least = c.min_gap_weeks ?? 0;
    if (gap < least) breaches.push({ what: "gap", found: gap, limit: least });
  });
  line.leaveByTerm.forEach((n, index) => {
    const most = c.most_in_term ?? Infinity;
    if (n > most) breaches.push({ what: "term", found: n, limit: most, terms: [index + 1] });
  });
  return breaches;
}

const KINDS: Readonly<Record<string, (c: Constraint, line: Held) => Breach[]>> = {
  count,
  distinct,
  changes,
  adjacent,
  before,
  same: (c, line) => distinct({ ...c, at_most: 1 }, line),
  leave,
};

/** Whether the page can judge a kind of constraint. */
export const isKnown = (kind: string): boolean => kind in KINDS;

/** What a line breaks of a constraint; nothing of a kind the page does not know. */
export const breaches = (constraint: Constraint, line: Held): Breach[] =>
  KINDS[constraint.kind]?.(constraint, line) ?? [];
