/** The launcher that the environment names. The Python side reads the same variables. */

import { ConfigurationError, type Lookup, required } from "../environment.ts";
import { CloudRunLauncher } from "./cloud_run.ts";
import type { Launcher } from "./contract.ts";
import { GoogleTokens, readServiceAccountKey } from "./google_token.ts";
import type { Fetch } from "./http.ts";
import { WebhookLauncher } from "./webhook.ts";

const JOB_NAME = /^projects\/[^/]+\/locations\/[^/]+\/jobs\/[^/]+$/;
/** Well below the time a function may take, so that it can still say that the launch failed. */
const DEFAULT_TIMEOUT_SECONDS = 8;
const LONGEST_TIMEOUT_SECONDS = 30;

/** Read the launcher's settings; a wrong one is named at the first request, not at the first run. */
export function configuredLauncher(lookup: Lookup, send: Fetch): Launcher {
  const kind = lookup("PLANNER_LAUNCHER") ?? "cloud-run";
  const timeoutSeconds = readTimeout(lookup);
  if (kind === "cloud-run") {
    const name = required(lookup, "PLANNER_CLOUD_RUN_JOB");
    if (!JOB_NAME.test(name)) {
      throw new ConfigurationError(
        "PLANNER_CLOUD_RUN_JOB must read projects/<project>/locations/<region>/jobs/<job>.",
      );
    }
    const url = readUrl(lookup, "PLANNER_CLOUD_RUN_URL", "https://run.googleapis.com");
    const text = lookup("PLANNER_GOOGLE_KEY");
    const key = text && readServiceAccountKey(text, "PLANNER_GOOGLE_KEY");
    const tokens = key ? new GoogleTokens(send, key) : new GoogleTokens(send);
    return new CloudRunLauncher({ name, url, timeoutSeconds }, tokens, send);
  }
  if (kind === "webhook") {
    const url = readUrl(lookup, "PLANNER_WEBHOOK_URL");
    if (!isSafe(new URL(url))) {
      throw new ConfigurationError("PLANNER_WEBHOOK_URL must begin with https://: it gets a secret.");
    }
    const secret = lookup("PLANNER_WEBHOOK_SECRET");
    return new WebhookLauncher({ url, secret, timeoutSeconds }, send);
  }
  throw new ConfigurationError("PLANNER_LAUNCHER must be cloud-run or webhook.");
}

/** Encrypted, or no further than this machine. */
function isSafe(url: URL): boolean {
  return url.protocol === "https:" ||
    /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}

function readTimeout(lookup: Lookup): number {
  const seconds = Number(lookup("PLANNER_LAUNCH_TIMEOUT_SECONDS") ?? DEFAULT_TIMEOUT_SECONDS);
  if (!(seconds > 0 && seconds <= LONGEST_TIMEOUT_SECONDS)) {
    throw new ConfigurationError(
      `PLANNER_LAUNCH_TIMEOUT_SECONDS must be above 0 and at most ${LONGEST_TIMEOUT_SECONDS}.`,
    );
  }
  return seconds;
}

function readUrl(lookup: Lookup, name: string, otherwise?: string): string {
  const text = lookup(name) ?? otherwise ?? required(lookup, name);
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new ConfigurationError(`${name} is not an address.`);
  }
  return text.replace(/\/$/, "");
}
