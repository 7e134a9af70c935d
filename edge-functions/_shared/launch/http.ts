/** HTTP calls of the launchers: one deadline for all of them together, few and safe repeats. */

import { redact } from "../redact.ts";
import { LaunchFailed } from "./contract.ts";

/** `fetch`, or a fake. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Statuses with which a platform says that it did not take the call. */
const NOT_TAKEN = new Set([429, 503]);
const PAUSES_MS = [200, 600];

/** The time one launch may take, token included. */
export class Deadline {
  readonly signal: AbortSignal;

  constructor(seconds: number) {
    this.signal = AbortSignal.timeout(Math.ceil(seconds * 1_000));
  }

  /** Sleep; false if the time was up before. */
  pause(milliseconds: number): Promise<boolean> {
    if (this.signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(true), milliseconds);
      this.signal.addEventListener("abort", () => (clearTimeout(timer), resolve(false)), {
        once: true,
      });
    });
  }
}

/**
 * Send one call and return its answer if it went well.
 *
 * It is sent again only when the platform said that it did not take it. A connection that broke
 * may have started a container: that is not repeated, because the sweep does so in peace.
 */
export async function call(
  send: Fetch,
  url: string,
  init: RequestInit,
  deadline: Deadline,
): Promise<Response> {
  for (const pause of [...PAUSES_MS, null]) {
    const answer = await sendOnce(send, url, init, deadline);
    if (answer.ok) return answer;
    const text = redact((await answer.text().catch(() => "")).slice(0, 300));
    const mayRepeat = NOT_TAKEN.has(answer.status) && pause !== null;
    if (!mayRepeat || !(await deadline.pause(pause))) {
      throw new LaunchFailed(reasonOf(answer.status), `${host(url)}: ${answer.status} ${text}`);
    }
  }
  throw new LaunchFailed("launch.failed", "unreachable");
}

async function sendOnce(
  send: Fetch,
  url: string,
  init: RequestInit,
  deadline: Deadline,
): Promise<Response> {
  try {
    return await send(url, { ...init, redirect: "error", signal: deadline.signal });
  } catch (error) {
    if (deadline.signal.aborted) {
      throw new LaunchFailed("launch.timeout", `${host(url)} did not answer in time`);
    }
    const said = redact(error instanceof Error ? error.message : String(error));
    throw new LaunchFailed("launch.unreachable", `${host(url)}: ${said}`);
  }
}

function reasonOf(status: number): string {
  if (status === 401 || status === 403) return "launch.denied";
  if (status === 404) return "launch.no_such_job";
  return NOT_TAKEN.has(status) ? "launch.busy" : "launch.failed";
}

function host(url: string): string {
  return new URL(url).host;
}
