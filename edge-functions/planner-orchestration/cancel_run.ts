/** POST /cancel: end a run that waits or generates; the lines there were stay as they are. */

import { json, problem } from "../_shared/problem.ts";
import type { Ports } from "./ports.ts";
import { authorizationOf, bodyOf, NOT_SIGNED_IN, refused } from "./request.ts";
import { parseCancel } from "./run_request.ts";

/** Decide about one request to cancel; repeating it is harmless. */
export async function cancelRun(request: Request, ports: Ports): Promise<Response> {
  const caller = authorizationOf(request);
  if (caller === null) return problem(401, "auth.required", NOT_SIGNED_IN);
  const body = await bodyOf(request);
  if (body instanceof Response) return body;
  const parsed = parseCancel(body.value);
  if (!parsed.ok) {
    return problem(422, "request.invalid", "The request is not valid.", { errors: parsed.errors });
  }
  const run = parsed.value;
  const cancelled = await ports.runs.cancel(caller, run);
  switch (cancelled.kind) {
    case "CANCELLED":
      ports.log.info("A run was cancelled.", { run });
      return json(200, { planner_run_id: run, status: "CANCELLED" });
    case "ALREADY":
      return json(200, { planner_run_id: run, status: "CANCELLED" });
    case "FINAL":
      return problem(409, "run.ended", "The run has ended already.", { planner_run_id: run });
    case "MISSING":
      return problem(404, "run.missing", "There is no such planner run.");
    default:
      if (cancelled.kind === "unreachable") ports.log.error(cancelled.message, { run });
      return refused(cancelled);
  }
}
