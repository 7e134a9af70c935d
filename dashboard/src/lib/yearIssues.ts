/** What is wrong with a year and what is asked of it, at the planner's own paths. */

import { addDays, date, daysBetween } from "./calendar";
import type { Issue } from "./constraints";
import type { Pathway, Position } from "./problem";
import { yearWeeks } from "./problem";

/** A clinical year is 52 weeks; every few years the calendar gives it one more. */
const YEAR_WEEKS: readonly number[] = [52, 53];
/** Days a term's dates may differ from its weeks: some calendars do not change on Mondays. */
const SLACK_DAYS = 3;
export const MAX_LINES = 10_000;

/** What is asked for, with NaN for a number that could not be read. */
export interface Asked {
  readonly nJobLines: number;
  readonly nLocked: number;
  readonly terms: readonly { readonly weeks: number; readonly startsOn: string | null }[];
  readonly annualLeaveWeeks: number | null;
  readonly pathways: readonly Pathway[];
  readonly positions: readonly Position[];
  readonly options: {
    readonly time_limit_seconds?: number;
    readonly target_gap?: number | null;
    readonly seed?: number;
  };
}

const whole = (value: number, low: number, high: number): boolean =>
  Number.isInteger(value) && value >= low && value <= high;

/** Name every field that is out of range or contradicts another; empty when nothing does. */
export function yearIssues(asked: Asked): Issue[] {
  const issues = [...shapeIssues(asked)];
  return issues.length > 0
    ? issues
    : [...termIssues(asked.terms), ...lockIssues(asked), ...pathwayIssues(asked)];
}

function* shapeIssues({ nJobLines, terms, annualLeaveWeeks, pathways, options }: Asked): Generator<Issue> {
  if (!whole(nJobLines, 1, MAX_LINES)) {
    yield { field: "n_job_lines", message: "Give a whole number from 1 to 10,000." };
  }
  for (const [index, term] of terms.entries()) {
    if (!whole(term.weeks, 1, 53)) yield { field: `terms[${index}].weeks`, message: "Give 1 to 53 weeks." };
  }
  if (annualLeaveWeeks !== null && !whole(annualLeaveWeeks, 0, 26)) {
    yield { field: "annual_leave_weeks", message: "Give 0 to 26 weeks, or leave it empty." };
  }
  for (const [index, pathway] of pathways.entries()) {
    if (!whole(pathway.n_lines, 1, MAX_LINES)) {
      yield { field: `pathways[${index}].n_lines`, message: "Give a whole number of lines, at least 1." };
    }
    const length = pathway.name.trim().length;
    if (length < 1 || length > 200) yield { field: `pathways[${index}].name`, message: "Give it a name." };
  }
  const { time_limit_seconds: limit = 120, target_gap: gap = null, seed = 1 } = options;
  if (!(limit > 0 && limit <= 86_400)) {
    yield { field: "options.time_limit_seconds", message: "Give more than 0 and at most 86,400 seconds." };
  }
  if (gap !== null && !(gap >= 0 && gap <= 1)) {
    yield { field: "options.target_gap", message: "Give 0 to 100 %, or leave it empty." };
  }
  if (!whole(seed, 0, 2 ** 31 - 1)) {
    yield { field: "options.seed", message: "Give a whole number from 0 to 2,147,483,647." };
  }
}

function* termIssues(terms: Asked["terms"]): Generator<Issue> {
  const total = yearWeeks(terms);
  if (!YEAR_WEEKS.includes(total)) {
    yield { field: "terms", message: `The terms add up to ${total} weeks; a year has 52 (or 53).` };
  }
  const missing = terms.findIndex((term) => term.startsOn === null);
  if (missing >= 0 && terms.some((term) => term.startsOn !== null)) {
    yield { field: `terms[${missing}].starts_on`, message: "Give every term its first day, or none." };
    return;
  }
  for (const [index, term] of terms.entries()) {
    const following = terms[index + 1]?.startsOn;
    if (!term.startsOn || !following) continue;
    const due = addDays(term.startsOn, 7 * term.weeks);
    const days = daysBetween(due, following);
    if (Math.abs(days) <= SLACK_DAYS) continue;
    const fault = days < 0 ? `overlaps Term ${index + 1} by ${-days} days` : `leaves ${days} days unused`;
    yield { field: `terms[${index + 1}].starts_on`, message: `It ${fault}; ${date(due)} would fit.` };
  }
}

function* lockIssues({ nJobLines, nLocked }: Asked): Generator<Issue> {
  if (nLocked > nJobLines) {
    yield {
      field: "n_job_lines",
      message: `There are ${nLocked} locked lines, which count. Ask for more, or unlock some.`,
    };
  }
}

function* pathwayIssues({ pathways, positions, nJobLines }: Asked): Generator<Issue> {
  const ids = new Set(positions.map((position) => position.id));
  const areas = new Set(positions.flatMap((p) => [p.specialty, p.subspecialty]));
  for (const [index, pathway] of pathways.entries()) {
    const field = `pathways[${index}]`;
    if (pathways.filter((other) => other.name.trim() === pathway.name.trim()).length > 1) {
      yield { field: `${field}.name`, message: "Two pathways have this name." };
    }
    if (pathway.positions.length + pathway.specialties.length === 0) {
      yield { field, message: "Name at least one unit or specialty." };
    }
    if (pathway.n_lines > nJobLines) {
      yield { field: `${field}.n_lines`, message: `That is more than the ${nJobLines} lines asked for.` };
    }
    for (const id of pathway.positions) {
      if (!ids.has(id)) yield { field: `${field}.positions`, message: `${id} is not a unit of this year.` };
    }
    for (const name of pathway.specialties) {
      if (!areas.has(name)) {
        yield { field: `${field}.specialties`, message: `${name} is not a specialty of this year.` };
      }
    }
  }
}
