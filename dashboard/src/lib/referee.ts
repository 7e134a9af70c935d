/**
 * Every rule's verdict on a line and on a set: the referee's own sentences, so that the page and the
 * planner never differ (src/lib/fixtures/referee.json holds what the planner says, as a test).
 */

import { ruleNamed, rules } from "./catalogue";
import { bind, bindOnSet, type Clause, sentence, setSentence } from "./clauses";
import type { RuleInForce } from "./constraints";
import { breaches, type Held, isKnown } from "./onLine";
import { isKnownOnSet, setBreaches } from "./onSet";
import { byId, firstWeeks, type Leave, type Line, type Position, type Term, type Year, yearWeeks } from "./problem";
import { ALWAYS, wholeLines } from "./shape";

/** What a rule found: `line` is null for the whole set. */
export interface Violation {
  readonly rule: string;
  readonly line: string | null;
  readonly message: string;
  readonly found: number | null;
  readonly limit: number | null;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const endWeek = (block: Leave): number => block.startWeek + block.weeks - 1;

/** Rules that judge the whole set and no single line. */
export const SET_RULES: readonly string[] = rules
  .filter((rule) => rule.clauses.length === 0)
  .map((rule) => rule.name);

/**
 * Whether the page can judge a rule. One it does not know is "not checked here", never "met";
 * locked lines can only be compared with what was locked, which the planner does when it commits.
 */
export const isChecked = (name: string): boolean => {
  const { clauses = [], set_clauses: onSet = [] } = ruleNamed(name) ?? {};
  const known = clauses.every(({ kind }) => isKnown(kind)) && onSet.every(({ kind }) => isKnownOnSet(kind));
  return (known && clauses.length + onSet.length > 0) || (ALWAYS as readonly string[]).includes(name);
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
  const clauses = clausesOf(year, rule);
  const onSet = bindOnSet(ruleNamed(rule.name)?.set_clauses ?? [], rule.bounds, year);
  return [
    ...own.flatMap((line) => ofLine(rule, clauses, line)),
    ...onSet.flatMap((clause) =>
      setBreaches(clause.constraint, year, lines).map((breach) => ({
        rule: rule.name,
        line: null,
        message: setSentence(clause, breach),
        found: breach.found,
        limit: breach.limit,
      })),
    ),
  ];
}
