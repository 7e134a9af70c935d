/** The planner's words as types: `planner.problem/1` and `planner.result/1` as the page needs them. */

export type Category = "A" | "B" | "C" | "D";
export type Service = "relief" | "nights";

/** A block of weeks of the year. `number` counts from 1; `startsOn` is an ISO date. */
export interface Term {
  readonly number: number;
  readonly weeks: number;
  readonly startsOn: string | null;
}

/** A role on a unit with its posts (seats) in each term; `id` is the host's code, or its uuid. */
export interface Position {
  readonly id: string;
  readonly name: string;
  readonly site: string;
  readonly team: string | null;
  readonly specialty: string;
  readonly subspecialty: string | null;
  readonly categories: readonly string[];
  readonly service: string | null;
  readonly rural: boolean;
  readonly community: boolean;
  readonly clinicalTeam: boolean;
  readonly nonClinical: boolean;
  readonly excludable: boolean;
  readonly spanTerms: number;
  readonly postsMin: readonly number[];
  readonly postsMax: readonly number[];
}

/** A block of annual leave; `startWeek` 1 is the first week of the year. */
export interface Leave {
  readonly startWeek: number;
  readonly weeks: number;
}

/** One clinical year: the position id held in each term, in order; null where a term is empty. */
export interface Line {
  readonly id: string;
  readonly name: string;
  readonly score: number | null;
  readonly locked: boolean;
  readonly positions: readonly (string | null)[];
  readonly leave: readonly Leave[];
}

export type Strength = "at_least" | "exactly" | "preferred";

/** Lines that must hold given positions and specialties. */
export interface Pathway {
  readonly name: string;
  readonly n_lines: number;
  readonly positions: readonly string[];
  readonly specialties: readonly string[];
  readonly strength: Strength;
}

export type Bounds = Readonly<Record<string, unknown>>;
/** A named pack or rule, as it is stored: its name, or an object with the name and bounds. */
export type Constraint = string | ({ readonly name: string } & Bounds);

/** What a year is made of: the part of a problem that lines are read against. */
export interface Year {
  readonly name: string;
  readonly terms: readonly Term[];
  readonly positions: readonly Position[];
  readonly pathways: readonly Pathway[];
  readonly annualLeaveWeeks: number | null;
}

/** How far the solver is, as the runner last said. */
export interface Progress {
  readonly phase?: string;
  readonly seconds?: number;
  readonly score?: number | null;
  readonly bound?: number | null;
  readonly memory_mib?: number | null;
}

export interface Repair {
  readonly kind: string;
  readonly sentence: string;
  readonly changes?: readonly Record<string, unknown>[];
}

export interface Explanation {
  readonly max_lines: number | null;
  readonly conflict: readonly string[];
  readonly conflict_is_minimal?: boolean;
  readonly sentences: readonly string[];
  readonly repairs?: readonly Repair[];
}

export interface Statistics {
  readonly n_lines: number;
  readonly floor: number;
  readonly mean: number;
  readonly best: number;
  readonly spread: number;
  readonly price_of_fairness?: number | null;
  readonly near_clones: number;
  readonly funded_posts: number;
  readonly funded_posts_filled: number;
  readonly accredited_posts: number;
  readonly posts_used: number;
}

/** The answer to a run beside its lines, as kept in its row. */
export interface ResultMetadata {
  readonly score?: number | null;
  readonly bound?: number | null;
  readonly bound_means?: string;
  readonly gap?: number | null;
  readonly explanation?: Explanation | null;
  readonly statistics?: Statistics | null;
  readonly unfilled_posts?: readonly {
    readonly position: string;
    readonly term: number;
    readonly posts: number;
    readonly reason?: string;
  }[];
  readonly dropped_positions?: readonly string[];
  readonly notes?: readonly string[];
  readonly seconds?: Readonly<Record<string, number>>;
  readonly planner_version?: string;
}

/** Weeks of the year: the base of every percentage. */
export const yearWeeks = (terms: readonly { readonly weeks: number }[]): number =>
  terms.reduce((sum, term) => sum + term.weeks, 0);

/** First week of each term, counted from 1 over the year. */
export function firstWeeks(terms: readonly { readonly weeks: number }[]): number[] {
  let week = 1;
  return terms.map((term) => {
    const first = week;
    week += term.weeks;
    return first;
  });
}

/** Each position under its id. */
export const byId = (positions: readonly Position[]): ReadonlyMap<string, Position> =>
  new Map(positions.map((position) => [position.id, position]));
