/** Launch an execution of a Cloud Run job (Admin API v2, `jobs.run`). */

import { type Launched, type Launcher, LaunchFailed, runnerArguments } from "./contract.ts";
import type { GoogleTokens } from "./google_token.ts";
import { call, Deadline, type Fetch } from "./http.ts";

/** One job; `name` is `projects/<project>/locations/<region>/jobs/<job>`. */
export interface CloudRunJob {
  name: string;
  url: string;
  timeoutSeconds: number;
}

/** Starts the job with `run <id>` as its container's arguments. */
export class CloudRunLauncher implements Launcher {
  constructor(readonly job: CloudRunJob, readonly tokens: GoogleTokens, readonly send: Fetch) {}

  async launch(run: string): Promise<Launched> {
    const deadline = new Deadline(this.job.timeoutSeconds);
    const cached = await this.tokens.token(deadline);
    const answer = await this.#start(run, cached, deadline).catch(async (error) => {
      if (!(error instanceof LaunchFailed) || error.reason !== "launch.denied") throw error;
      this.tokens.forget();
      return await this.#start(run, await this.tokens.token(deadline), deadline);
    });
    const operation = await answer.json().catch(() => null);
    const execution = operation?.metadata?.name ?? operation?.name;
    return { execution: typeof execution === "string" ? execution : "unnamed" };
  }

  #start(run: string, token: string, deadline: Deadline): Promise<Response> {
    const overrides = { containerOverrides: [{ args: runnerArguments(run) }] };
    const init = {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ overrides }),
    };
    return call(this.send, `${this.job.url}/v2/${this.job.name}:run`, init, deadline);
  }
}
