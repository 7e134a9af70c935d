/** The edge function `planner-orchestration`: POST asks for a planner run, POST /cancel ends one. */

import { allowedOrigins } from "../_shared/cors.ts";
import { environment, readProject } from "../_shared/environment.ts";
import { configuredLauncher } from "../_shared/launch/configured.ts";
import type { Launcher } from "../_shared/launch/contract.ts";
import { LogKeeper } from "../_shared/log_keeper.ts";
import { DatabaseRuns } from "./database.ts";
import { handle, type Setup } from "./handler.ts";

/** Keeps the isolate alive after the answer; elsewhere the process lives on by itself. */
const edge = globalThis as { EdgeRuntime?: { waitUntil(work: Promise<unknown>): void } };

let runs: DatabaseRuns | undefined;
let launcher: Launcher | undefined;
const logs = new LogKeeper((rows) => runs?.log(rows) ?? Promise.resolve());

const setup: Setup = {
  origins: allowedOrigins(environment("PLANNER_ALLOWED_ORIGINS")),
  ports(log) {
    // Kept between requests, for the launcher's access token.
    runs ??= new DatabaseRuns(readProject(environment));
    launcher ??= configuredLauncher(environment, fetch);
    return { runs, launcher, log };
  },
  keep(log) {
    const kept = logs.keep(log.rows);
    edge.EdgeRuntime?.waitUntil(kept);
  },
};

Deno.serve((request) => handle(request, setup));
