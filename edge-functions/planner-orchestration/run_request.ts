/** What may be asked for: every field is checked, and every field at fault is named. */

import { z } from "zod";
import contract from "../_shared/contract.json" with { type: "json" };
import type { FieldError } from "../_shared/problem.ts";
import { checkConstraints, type Constraint } from "./constraints.ts";
import { fieldErrors } from "./field_errors.ts";

/** A request that passed. */
export interface RunRequest {
  allocation_run: string;
  n_job_lines: number;
  /** Null takes the allocation run's own. */
  constraints: Constraint[] | null;
  options: Record<string, unknown>;
}

/** A request that passed, or what is wrong with it. */
export type Parsed<T> = { ok: true; value: T } | { ok: false; errors: FieldError[] };

const MAX_CONSTRAINTS_LENGTH = 32_000;

const RunBody = z.strictObject({
  allocation_run: z.guid("must be the id of an allocation run"),
  n_job_lines: z.int("must be a whole number").min(1).max(contract.max_job_lines),
  constraints: z.array(z.unknown()).max(200).nullish(),
  options: z.fromJSONSchema(contract.options as z.core.JSONSchema.JSONSchema).optional(),
});
const CancelBody = z.strictObject({ planner_run_id: z.guid("must be the id of a planner run") });

/** Check the body of a request for a run. */
export function parseRunRequest(body: unknown): Parsed<RunRequest> {
  const read = RunBody.safeParse(body);
  if (!read.success) return { ok: false, errors: fieldErrors(read.error) };
  const { allocation_run, n_job_lines, constraints = null, options = {} } = read.data;
  const errors = constraints === null ? [] : checkConstraints(constraints);
  if (JSON.stringify(constraints).length > MAX_CONSTRAINTS_LENGTH) {
    errors.push({ field: "constraints", message: "are too long" });
  }
  if (errors.length > 0) return { ok: false, errors };
  return {
    ok: true,
    value: {
      allocation_run: allocation_run.toLowerCase(),
      n_job_lines,
      constraints: constraints as Constraint[] | null,
      options: options as Record<string, unknown>,
    },
  };
}

/** Check the body of a request to cancel; the value is the run's id. */
export function parseCancel(body: unknown): Parsed<string> {
  const read = CancelBody.safeParse(body);
  if (!read.success) return { ok: false, errors: fieldErrors(read.error) };
  return { ok: true, value: read.data.planner_run_id.toLowerCase() };
}

/** Whether two requests ask for the same; the order of fields does not matter. */
export function sameRequest(one: RunRequest, other: RunRequest): boolean {
  const text = (request: RunRequest) =>
    canonical([
      request.allocation_run,
      request.n_job_lines,
      request.constraints,
      request.options,
    ]);
  return text(one) === text(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(
    value,
    (_, part) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
  );
}
