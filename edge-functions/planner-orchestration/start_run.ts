/** POST: ask for one planner run, launch its container, answer 202. */

import { LaunchFailed } from "../_shared/launch/contract.ts";
import { json, problem } from "../_shared/problem.ts";
import type { Authorization, Ports, Refusal } from "./ports.ts";
import { authorizationOf, bodyOf, idempotencyKeyOf, NOT_SIGNED_IN, refused } from "./request.ts";
import { parseRunRequest, type RunRequest, sameRequest } from "./run_request.ts";

/** Decide about one request for a run. */
export async function startRun(request: Request, ports: Ports): Promise<Response> {
  const caller = authorizationOf(request);
  if (caller === null) return problem(401, "auth.required", NOT_SIGNED_IN);
  const key = idempotencyKeyOf(request);
  if (key instanceof Response) return key;
  const body = await bodyOf(request);
  if (body instanceof Response) return body;
  const parsed = parseRunRequest(body.value);
  if (!parsed.ok) {
    return problem(422, "request.invalid", "The request is not valid.", { errors: parsed.errors });
  }
  // The caller's own token: row level security decides, and nothing here could overrule it.
  const inserted = await ports.runs.insert(caller, parsed.value, key);
  if (inserted.kind !== "created") {
    return await notCreated(inserted, { caller, request: parsed.value, key }, ports);
  }
  return await launch(inserted.run, ports);
}

interface Asked {
  caller: Authorization;
  request: RunRequest;
  key: string | null;
}

async function notCreated(refusal: Refusal, asked: Asked, ports: Ports): Promise<Response> {
  const { caller, request, key } = asked;
  const signedIn = refusal.kind !== "not signed in" && refusal.kind !== "unreachable";
  const earlier = key !== null && signedIn ? await ports.runs.findByKey(caller, key) : null;
  if (earlier !== null) {
    // The first one is in the log; one key sent 600 times must not make 600 rows.
    ports.log.operators("A request was repeated.", { run: earlier.run });
    if (!sameRequest(earlier, request)) {
      return problem(422, "idempotency.mismatch", "This Idempotency-Key was used for another run.");
    }
    if (earlier.reason?.startsWith("launch.")) return notStarted(earlier.run);
    return json(202, { planner_run_id: earlier.run, status: earlier.status });
  }
  if (refusal.kind === "live run") {
    const live = refusal.run ?? await ports.runs.findLive(caller, request.allocation_run);
    return problem(
      409,
      "run.live",
      "A run is already under way for this allocation run.",
      { hint: "Wait for it, or cancel it.", ...(live === null ? {} : { planner_run_id: live }) },
    );
  }
  if (
    refusal.kind === "not allowed" && !await ports.runs.seesTarget(caller, request.allocation_run)
  ) {
    return problem(404, "target.missing", "There is no such allocation run.");
  }
  if (refusal.kind === "unreachable") ports.log.error(refusal.message);
  return refused(refusal);
}

async function launch(run: string, ports: Ports): Promise<Response> {
  try {
    const { execution } = await ports.launcher.launch(run);
    ports.log.info("A run was asked for and launched.", { run, execution });
    return json(202, { planner_run_id: run, status: "PENDING" });
  } catch (error) {
    if (!(error instanceof LaunchFailed)) throw error;
    // Planners read the rows of their runs; what the platform said is for operators.
    ports.log.error(sentence(error.reason), { run, reason: error.reason });
    ports.log.operators("The launch platform said:", { run, said: error.message });
    return await launchFailed(run, error.reason, ports);
  }
}

const SENTENCES: Record<string, string> = {
  "launch.denied": "The planner may not start runners: its key or its rights are missing.",
  "launch.no_such_job": "The planner's job does not exist where it is looked for.",
  "launch.busy": "The platform that starts runners is busy.",
  "launch.timeout": "The platform that starts runners did not answer in time.",
  "launch.unreachable": "The platform that starts runners could not be reached.",
};

/** Why a run was not started, for those who plan. */
function sentence(reason: string): string {
  return SENTENCES[reason] ?? "The planner could not be started.";
}

/** End the run at once: nobody should wait for a container that will not come. */
async function launchFailed(run: string, reason: string, ports: Ports): Promise<Response> {
  const word = await ports.runs.failLaunch(run, reason);
  // The launch was taken after all, although its answer was lost: a runner has the run already.
  if (word === "LOST") return json(202, { planner_run_id: run, status: "GENERATING" });
  if (word !== "FAILED" && word !== "ALREADY") {
    ports.log.error("A failed launch could not be recorded; the sweep will launch it again.", {
      run,
      word,
    });
  }
  return notStarted(run);
}

function notStarted(run: string): Response {
  return problem(503, "launch.failed", "The planner could not be started.", {
    hint: "Try again; use a new Idempotency-Key, if you use one.",
    planner_run_id: run,
    retryAfterSeconds: 30,
  });
}
