/**
 * Every rule's verdict on a line and on a set: the referee's own sentences, so that the page and the
 * planner never differ (src/lib/fixtures/referee.json holds what the planner says, as a test).
 */

import { ruleNamed } from "./catalogue";
import { bind, type Clause, sentence } from "./clauses";
import type { RuleInForce } from "./constraints";
import { breaches, type Held, isKnown } from "./onLine";
import { unfilled } from "./posts";
import { byId, firstWeeks, type Leave, type Line, type Pathway, type Position, type Term, type Year, yearWeeks } from "./problem";
import { ALWAYS, wholeLines } from "./shape";

/** What a rule found: `line` is null for the whole set. */
export interface Violation {
  readonly rule: string;
  readonly line: string | null;
  readonly message: string;
  readonly found: number | null;
  readonly limit: number | null;
}

type Fault = readonly [message: string, found?: number | null, limit?: number | null];
type Bounds = Readonly<Record<string, unknown>>;

const HAIR = 1e-9;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const endWeek = (block: Leave): number => block.startWeek + block.weeks - 1;

/** Rules that judge the whole set and no single line. */
export const SET_RULES: readonly string[] = ["FILL_POSTS", "PATHWAY"];

/**
 * Whether the page can judge a rule. One it does not know is "not checked here", never "met";
 * locked lines can only be compared with what was locked, which the planner does when it commits.
 */
export const isChecked = (name: string): boolean => {
  const clauses = ruleNamed(name)?.clauses ?? [];
  const onLine = clauses.length > 0 && clauses.every((clause) => isKnown(clause.kind));
  return onLine || SET_RULES.includes(name) || (ALWAYS as readonly string[]).includes(name);
};

/** Weeks of leave of a line that fall into each term. */
export function leaveByTerm(terms: readonly Term[], leave: readonly Leave[]): number[] {
  const firsts = firstWeeks(terms);
  return terms.map((term, index) => {
    const first = firsts[index] ?? 1;
    const last = first + term.weeks - 1;
    return sum(
      leave.map((block) =>
        Math.max(0, Math.min(last, endWeek(block)) - Math.max(first, block.startWeek) + 1),
      ),
    );
  });
}

function held(year: Year, known: ReadonlyMap<string, Position>, line: Line): Held {
  const leave = line.leave.toSorted((a, b) => a.startWeek - b.startWeek);
  return {
    name: line.name,
    terms: year.terms.flatMap((term, index) => {
      const position = known.get(line.positions[index] ?? "");
      return position ? [[term, position] as const] : [];
    }),
    leave,
    leaveByTerm: leaveByTerm(year.terms, leave),
    weeks: yearWeeks(year.terms),
  };
}

/** A line as its constraints read it. */
export const heldBy = (year: Year, line: Line): Held => held(year, byId(year.positions), line);

/** What each rule finds in one line; a rule on the whole set finds nothing in a line. */
export function lineVerdicts(
  year: Year,
  inForce: readonly RuleInForce[],
  line: Line,
): { rule: RuleInForce; violations: Violation[] }[] {
  const own = held(year, byId(year.positions), line);
  return inForce.map((rule) => ({ rule, violations: ofLine(rule, clausesOf(year, rule), own) }));
}

const clausesOf = (year: Year, rule: RuleInForce): Clause[] =>
  bind(ruleNamed(rule.name)?.clauses ?? [], rule.bounds, year.terms);

function ofLine(rule: RuleInForce, clauses: readonly Clause[], line: Held): Violation[] {
  return clauses.flatMap((clause) =>
    breaches(clause.constraint, line).map((breach) => ({
      rule: rule.name,
      line: line.name,
      message: sentence(clause, breach, line),
      found: breach.found,
      limit: breach.limit,
    })),
  );
}

/** What one rule finds in a whole set of lines, line by line and then over the set. */
export function ruleViolations(year: Year, rule: RuleInForce, given: readonly Line[]): Violation[] {
  const known = byId(year.positions);
  const lines = wholeLines(year, given);
  const own = lines.map((line) => held(year, known, line));
  const faults = ofSet(year, rule, lines, known);
  const clauses = clausesOf(year, rule);
  return [
    ...own.flatMap((line) => ofLine(rule, clauses, line)),
    ...faults.map(([message, found = null, limit = null]) => ({
      rule: rule.name,
      line: null,
      message,
      found,
      limit,
    })),
  ];
}

function ofSet(
  year: Year,
  rule: RuleInForce,
  lines: readonly Line[],
  known: ReadonlyMap<string, Position>,
): Fault[] {
  if (rule.name === "FILL_POSTS") {
    const held = new Set(lines.flatMap((line) => line.positions));
    // An excludable position nobody holds counts as dropped: its posts need not be filled.
    const due = unfilled(year, lines).filter(({ position }) => !position.excludable || held.has(position.id));
    return due.map(({ position, term, filled, funded }) => [
      `${position.name} (${position.id}) in Term ${term}: ${filled} of ${funded} funded posts filled`,
      filled,
      funded,
    ]);
  }
  if (rule.name === "PATHWAY") {
    return year.pathways.flatMap((pathway): Fault[] => {
      const n = lines.filter((line) => serves(pathway, line, known)).length;
      if (pathway.strength === "preferred") return [];
      const text = `pathway ${pathway.name}: ${n} lines serve it, ${pathway.n_lines}`;
      if (n < pathway.n_lines) return [[`${text} needed`, n, pathway.n_lines]];
      return pathway.strength === "exactly" && n > pathway.n_lines ? [[`${text} wanted`, n, pathway.n_lines]] : [];
    });
  }
  return rule.name === "ANNUAL_LEAVE" ? awayTogether(year, rule.bounds, lines, known) : [];
}

function awayTogether(
  year: Year,
  b: Bounds,
  lines: readonly Line[],
  known: ReadonlyMap<string, Position>,
): Fault[] {
  const most = b["max_share_on_leave"];
  if (typeof most !== "number") return [];
  const firsts = firstWeeks(year.terms);
  return year.terms.flatMap((term, index) => {
    const holders = Map.groupBy(lines, (line) => line.positions[index] ?? "");
    return [...holders.keys()].sort().flatMap((id): Fault[] => {
      const people = holders.get(id) ?? [];
      const limit = Math.ceil(most * people.length - HAIR);
      let [week, away] = [0, -1];
      for (let w = firsts[index] ?? 1; w < (firsts[index] ?? 1) + term.weeks; w += 1) {
        const n = people.filter((l) => l.leave.some((x) => x.startWeek <= w && w <= endWeek(x))).length;
        if (n > away) [week, away] = [w, n];
      }
      if (away <= limit) return [];
      const text = `${away} of ${people.length} on leave from ${known.get(id)?.name ?? id} (${id})`;
      return [[`${text} in week ${week} (Term ${index + 1}), at most ${limit} allowed`, away, limit]];
    });
  });
}

/** Whether a line holds all that a pathway asks for. */
export function serves(
  pathway: Pathway,
  line: Line,
  known: ReadonlyMap<string, Position>,
): boolean {
  const areas = new Set(
    line.positions.flatMap((id) => {
      const position = known.get(id ?? "");
      return position ? [position.specialty, position.subspecialty] : [];
    }),
  );
  return (
    pathway.positions.every((id) => line.positions.includes(id)) &&
    pathway.specialties.every((name) => areas.has(name))
  );
}
