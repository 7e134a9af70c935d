/** Problem and line documents, as the planner writes them, read into the page's own values. */

import type { Line, Pathway, Position } from "./problem";

/** A position as `planner.problem/1` and the table `positions` spell it. */
export interface PositionDocument {
  readonly id: string;
  readonly code?: string | null;
  readonly name: string;
  readonly site: string;
  readonly team?: string | null;
  readonly specialty: string;
  readonly subspecialty?: string | null;
  readonly categories?: readonly string[];
  readonly service?: string | null;
  readonly rural?: boolean;
  readonly community?: boolean;
  readonly clinical_team?: boolean;
  readonly non_clinical?: boolean;
  readonly excludable?: boolean;
  readonly span_terms?: number;
  readonly posts_min?: readonly number[];
  readonly posts_max?: readonly number[];
}

/** A line as `planner.result/1` and the history spell it. */
export interface LineDocument {
  readonly name: string;
  readonly score?: number | null;
  readonly locked?: boolean;
  readonly rotations: readonly { readonly term: number; readonly position: string }[];
  readonly leave?: readonly { readonly start_week: number; readonly weeks: number }[] | null;
}

/** A position; rows of the host's table are known by their code, as problems know them. */
export function readPosition(
  document: PositionDocument,
  posts?: { min: readonly number[]; max: readonly number[] },
): Position {
  return {
    id: document.code ?? document.id,
    name: document.name,
    site: document.site,
    team: document.team ?? null,
    specialty: document.specialty,
    subspecialty: document.subspecialty ?? null,
    categories: document.categories ?? [],
    service: document.service ?? null,
    rural: document.rural ?? false,
    community: document.community ?? false,
    clinicalTeam: document.clinical_team ?? true,
    nonClinical: document.non_clinical ?? false,
    excludable: document.excludable ?? false,
    spanTerms: document.span_terms ?? 1,
    postsMin: posts?.min ?? document.posts_min ?? [],
    postsMax: posts?.max ?? document.posts_max ?? [],
  };
}

/** A pathway; what is left out has the planner's own default. */
export const readPathway = (document: Partial<Pathway>): Pathway => ({
  name: document.name ?? "",
  n_lines: document.n_lines ?? 1,
  positions: document.positions ?? [],
  specialties: document.specialties ?? [],
  strength: document.strength ?? "at_least",
});

/** A line of a result, a snapshot or a proposal. */
export function readLine(document: LineDocument, nTerms: number): Line {
  const positions: (string | null)[] = Array.from({ length: nTerms }, () => null);
  for (const rotation of document.rotations) positions[rotation.term - 1] = rotation.position;
  return {
    id: document.name,
    name: document.name,
    score: document.score ?? null,
    locked: document.locked ?? false,
    positions,
    leave: (document.leave ?? []).map((block) => ({ startWeek: block.start_week, weeks: block.weeks })),
  };
}
