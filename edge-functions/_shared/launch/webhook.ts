/** Launch by calling any address: a Kubernetes event source, a CI pipeline, a machine of one's own. */

import { type Launched, type Launcher, runnerArguments } from "./contract.ts";
import { call, Deadline, type Fetch } from "./http.ts";
import { sign, SIGNATURE_HEADER, TIMESTAMP_HEADER } from "./signature.ts";

/** Where to call, and the secret that the other side expects and can verify the call by. */
export interface Webhook {
  url: string;
  secret: string | undefined;
  timeoutSeconds: number;
}

/** POSTs `{planner_run_id, args}`; any 2xx means that the run will be started. */
export class WebhookLauncher implements Launcher {
  constructor(readonly hook: Webhook, readonly send: Fetch) {}

  async launch(run: string): Promise<Launched> {
    const headers = new Headers({ "content-type": "application/json", "idempotency-key": run });
    const body = JSON.stringify({ planner_run_id: run, args: runnerArguments(run) });
    if (this.hook.secret !== undefined) {
      const timestamp = Math.floor(Date.now() / 1_000);
      headers.set("authorization", `Bearer ${this.hook.secret}`);
      headers.set(TIMESTAMP_HEADER, String(timestamp));
      headers.set(SIGNATURE_HEADER, await sign(this.hook.secret, timestamp, body));
    }
    const deadline = new Deadline(this.hook.timeoutSeconds);
    const answer = await call(this.send, this.hook.url, { method: "POST", headers, body }, deadline);
    await answer.body?.cancel();
    return { execution: answer.headers.get("location") ?? "unnamed" };
  }
}
