/**
 * Every rule's verdict on a line and on a set: the referee's own sentences, so that the page and the
 * planner never differ (src/lib/fixtures/referee.json holds what the planner says, as a test).
 */

import type { RuleInForce } from "./constraints";
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

/** A line with its positions looked up; empty terms are left out. */
interface Held {
  readonly name: string;
  readonly terms: readonly (readonly [Term, Position])[];
  readonly leave: readonly Leave[];
  readonly leaveByTerm: readonly number[];
  readonly weeks: number;
}

type Fault = readonly [message: string, found?: number | null, limit?: number | null];
type Bounds = Readonly<Record<string, unknown>>;

const HAIR = 1e-9;
const num = (bounds: Bounds, key: string): number => bounds[key] as number;
const share = (weeks: number, of: number): string => `${((100 * weeks) / of).toFixed(1)} %`;
const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const endWeek = (block: Leave): number => block.startWeek + block.weeks - 1;
const split = (blocks: readonly number[]): string => blocks.join("+") || "none";
const area = (position: Position): string => position.subspecialty ?? position.specialty;

function tally(pairs: Iterable<readonly [string, number]>): Map<string, number> {
  const totals = new Map<string, number>();
  for (const [key, n] of pairs) totals.set(key, (totals.get(key) ?? 0) + n);
  return totals;
}

const atMost = (n: number, max: number, what: string): Fault[] =>
  n > max ? [[`${n} ${what}, at most ${max} allowed`, n, max]] : [];
const atLeast = (n: number, min: number, what: string): Fault[] =>
  n < min ? [[`${n} ${what}, at least ${min} needed`, n, min]] : [];

function over(weeksIn: Map<string, number>, max: number, line: Held): Fault[] {
  const limit = Math.floor(max * line.weeks + HAIR);
  return [...weeksIn]
    .filter(([, weeks]) => weeks > limit)
    .map(([name, weeks]) => [
      `${weeks} weeks in ${name} (${share(weeks, line.weeks)} of the year), at most ${limit} allowed`,
      weeks,
      limit,
    ]);
}

function stays(line: Held): Position[] {
  const held: Position[] = [];
  for (let index = 0; index < line.terms.length; index += 1) {
    const position = line.terms[index]?.[1];
    if (!position) continue;
    held.push(position);
    if (position.spanTerms === 2 && line.terms[index + 1]?.[1].id === position.id) index += 1;
  }
  return held;
}

function leaveFaults(b: Bounds, line: Held): Fault[] {
  const faults: Fault[] = [];
  const weeks = sum(line.leave.map((block) => block.weeks));
  if (b["weeks"] !== null && weeks !== b["weeks"]) {
    faults.push([`${weeks} weeks of leave, ${num(b, "weeks")} due`, weeks, num(b, "weeks")]);
  }
  const allowed = (b["blocks"] as readonly (readonly number[])[]).map(split);
  const own = split(line.leave.map((block) => block.weeks));
  if (allowed.length > 0 && !allowed.includes(own)) {
    faults.push([`leave split ${own}, allowed ${allowed.join(" or ")}`]);
  }
  line.leave.slice(1).forEach((block, index) => {
    const before = line.leave[index];
    const gap = before ? block.startWeek - endWeek(before) - 1 : Infinity;
    const least = num(b, "min_gap_weeks");
    if (gap < least) {
      faults.push([`${gap} weeks between blocks of leave, at least ${least} needed`, gap, least]);
    }
  });
  const most = b["max_weeks_per_term"];
  if (typeof most === "number") {
    line.leaveByTerm.forEach((n, index) => {
      if (n > most) faults.push([`${n} weeks of leave in Term ${index + 1}, at most ${most} allowed`, n, most]);
    });
  }
  return faults;
}

function homeTerms(b: Bounds, line: Held): Fault[] {
  const termsAt = tally(line.terms.map(([, p]) => [p.site, 1]));
  let [home, n] = [...termsAt].reduce((a, c) => (c[1] > a[1] ? c : a), ["", 0]);
  if (typeof b["site"] === "string") {
    home = b["site"];
    n = termsAt.get(home) ?? 0;
  }
  return atLeast(n, num(b, "min"), `terms at ${home}`);
}

function longTerms(b: Bounds, line: Held): Fault[] {
  const level = b["level"] as string;
  const counted = new Set<string>();
  line.terms.forEach(([term, position], index) => {
    if (term.weeks < num(b, "min_weeks") || (position.service !== null && !b["service"])) return;
    counted.add(level === "none" ? String(index) : level === "subspecialty" ? area(position) : position.specialty);
  });
  const kind = level === "none" ? "" : ` in different ${level.slice(0, -1)}ies`;
  if (counted.size >= num(b, "min")) return [];
  return [
    [
      `${counted.size} terms of ${num(b, "min_weeks")} weeks or more${kind}, ${num(b, "min")} needed`,
      counted.size,
      num(b, "min"),
    ],
  ];
}

const service = (line: Held): number => line.terms.filter(([, p]) => p.service !== null).length;
const serviceTerms = (kind: string) => (_: Bounds, line: Held) =>
  line.terms.flatMap(([term, p]): Fault[] =>
    p.service === kind ? [[`${kind} in Term ${term.number} (${p.id})`, 1, 0]] : [],
  );

const LINE_RULES: Readonly<Record<string, (bounds: Bounds, line: Held) => Fault[]>> = {
  REQUIRED_CATEGORIES: (b, line) => {
    const held = new Set(line.terms.flatMap(([, p]) => p.categories));
    return (b["categories"] as readonly string[])
      .filter((category) => !held.has(category))
      .map((category) => [`no term in category ${category}`, 0, 1]);
  },
  MIN_TERMS: longTerms,
  MIN_WEEKS: (b, line) =>
    atLeast(line.weeks - sum(line.leave.map((l) => l.weeks)), num(b, "min"), "weeks of practice beside leave"),
  MAX_SPECIALTY_SHARE: (b, line) => {
    const counted = line.terms.filter(([, p]) => p.service === null);
    return over(tally(counted.map(([term, p]) => [p.specialty, term.weeks])), num(b, "max"), line);
  },
  MAX_SUBSPECIALTY_SHARE: (b, line) => {
    const counted = line.terms.flatMap(([term, p]) =>
      p.service === null && p.subspecialty !== null ? [[p.subspecialty, term.weeks] as const] : [],
    );
    return over(tally(counted), num(b, "max"), line);
  },
  MAX_SERVICE_SHARE: (b, line) => {
    const weeks = sum(
      line.terms.map(([term, p], index) =>
        p.service === null ? 0 : term.weeks - (b["net_of_leave"] ? (line.leaveByTerm[index] ?? 0) : 0),
      ),
    );
    const what = `weeks of service terms (${share(weeks, line.weeks)} of the year)`;
    return atMost(weeks, Math.floor(num(b, "max") * line.weeks + HAIR), what);
  },
  MIN_TEAM_SHARE: (b, line) => {
    const weeks = sum(line.terms.map(([term, p]) => (p.clinicalTeam ? term.weeks : 0)));
    const what = `weeks in a clinical team (${share(weeks, line.weeks)} of the year)`;
    return atLeast(weeks, Math.ceil(num(b, "min") * line.weeks - HAIR), what);
  },
  MAX_NON_CLINICAL_TERMS: (b, line) =>
    atMost(line.terms.filter(([, p]) => p.nonClinical).length, num(b, "max"), "non-clinical terms"),
  MAX_RURAL_TERMS: (b, line) =>
    atMost(line.terms.filter(([, p]) => p.rural).length, num(b, "max"), "rural terms"),
  MAX_SERVICE_TERMS: (b, line) => atMost(service(line), num(b, "max"), "service terms"),
  NO_NIGHTS: serviceTerms("nights"),
  NO_RELIEF: serviceTerms("relief"),
  NO_REPEATED_POSITION: (_, line) => {
    const held = stays(line);
    return [...tally(held.map((p) => [p.id, 1]))].flatMap(([id, n]): Fault[] =>
      n > 1 ? [[`${held.find((p) => p.id === id)?.name ?? id} (${id}) ${n} times, once allowed`, n, 1]] : [],
    );
  },
  MIN_DISTINCT_SPECIALTIES: (b, line) => {
    const held = new Set(line.terms.flatMap(([, p]) => (p.service === null ? [p.specialty] : [])));
    return atLeast(held.size, num(b, "min"), "different specialties");
  },
  MIN_COMMUNITY_TERMS: (b, line) =>
    atLeast(line.terms.filter(([, p]) => p.community).length, num(b, "min"), "community terms"),
  MIN_HOME_TERMS: homeTerms,
  MAX_SITE_CHANGES: (b, line) => {
    const changes = line.terms.filter(([, p], i) => i > 0 && line.terms[i - 1]?.[1].site !== p.site);
    return atMost(changes.length, num(b, "max"), "changes of site");
  },
  ANNUAL_LEAVE: leaveFaults,
};

/** Rules that judge the whole set and no single line. */
export const SET_RULES: readonly string[] = ["FILL_POSTS", "PATHWAY"];

/**
 * Whether the page can judge a rule. One it does not know is "not checked here", never "met";
 * locked lines can only be compared with what was locked, which the planner does when it commits.
 */
export const isChecked = (name: string): boolean =>
  name in LINE_RULES || SET_RULES.includes(name) || (ALWAYS as readonly string[]).includes(name);

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

/** What each rule finds in one line; a rule on the whole set finds nothing in a line. */
export function lineVerdicts(
  year: Year,
  inForce: readonly RuleInForce[],
  line: Line,
): { rule: RuleInForce; violations: Violation[] }[] {
  const own = held(year, byId(year.positions), line);
  return inForce.map((rule) => ({ rule, violations: ofLine(rule, own) }));
}

function ofLine(rule: RuleInForce, line: Held): Violation[] {
  const faults = LINE_RULES[rule.name]?.(rule.bounds, line) ?? [];
  return faults.map(([message, found = null, limit = null]) => ({
    rule: rule.name,
    line: line.name,
    message,
    found,
    limit,
  }));
}

/** What one rule finds in a whole set of lines, line by line and then over the set. */
export function ruleViolations(year: Year, rule: RuleInForce, given: readonly Line[]): Violation[] {
  const known = byId(year.positions);
  const lines = wholeLines(year, given);
  const own = lines.map((line) => held(year, known, line));
  const faults = ofSet(year, rule, lines, known);
  return [
    ...own.flatMap((line) => ofLine(rule, line)),
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
