/** From a request to its answer: the route, the CORS headers, and a last net under everything. */

import { preflight, withCors } from "../_shared/cors.ts";
import { ConfigurationError } from "../_shared/environment.ts";
import { Log } from "../_shared/log.ts";
import { problem } from "../_shared/problem.ts";
import { cancelRun } from "./cancel_run.ts";
import type { Ports } from "./ports.ts";
import { startRun } from "./start_run.ts";

const FUNCTION_NAME = "planner-orchestration";

/** What the handler is made of. */
export interface Setup {
  origins: string[];
  /** Made per request, because the log is; may raise `ConfigurationError`. */
  ports(log: Log): Ports;
  /** Keeps the rows of a request's log, after it was answered. */
  keep(log: Log): void;
}

/** Answer one request. Never raises: what was not foreseen becomes a 500 without details. */
export async function handle(request: Request, setup: Setup): Promise<Response> {
  const log = new Log(`edge.${FUNCTION_NAME}`, crypto.randomUUID());
  const begun = performance.now();
  const response = await route(request, setup, log).catch((error) => unforeseen(error, log));
  if (request.method !== "OPTIONS" && (log.rows.length > 0 || response.status >= 500)) {
    log.info("Answered.", {
      status: response.status,
      milliseconds: Math.round(performance.now() - begun),
    });
    setup.keep(log);
  }
  response.headers.set("x-request-id", log.requestId);
  return withCors(response, request, setup.origins);
}

async function route(request: Request, setup: Setup, log: Log): Promise<Response> {
  if (request.method === "OPTIONS") return preflight();
  const action = actionOf(new URL(request.url).pathname);
  if (action === null) return problem(404, "path.missing", "There is nothing at this address.");
  if (request.method !== "POST") {
    const refusal = problem(405, "method.not_allowed", "Use POST.");
    refusal.headers.set("allow", "POST, OPTIONS");
    return refusal;
  }
  const ports = setup.ports(log);
  return await (action === "cancel" ? cancelRun(request, ports) : startRun(request, ports));
}

/** The part of the path after the function's name, wherever the function is mounted. */
function actionOf(path: string): "start" | "cancel" | null {
  const rest = path.split(`/${FUNCTION_NAME}`).at(-1)?.replace(/\/+$/, "") ?? "";
  if (rest === "") return "start";
  return rest === "/cancel" ? "cancel" : null;
}

function unforeseen(error: unknown, log: Log): Response {
  if (error instanceof ConfigurationError) {
    log.error(`The function is not configured: ${error.message}`);
    return problem(500, "configuration", "The planner is not set up completely.");
  }
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  log.error("The function failed.", { said });
  return problem(500, "unforeseen", "The planner failed. Its log says why.");
}
