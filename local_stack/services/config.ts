/** What the orchestrator (`local_stack/*.py`) tells the stand-ins, as JSON in LOCAL_STACK_CONFIG. */

import type { JWK } from "jose";

/** The keys of one stack, made at its first start and kept in its own folder. */
export interface Keys {
  /** Legacy keys: tokens signed with `jwt_secret`. */
  anon: string;
  service_role: string;
  /** New keys: opaque, exchanged for the role's token by the gateway. */
  publishable: string;
  secret: string;
  jwt_secret: string;
  /** Signs the sessions of the auth stand-in (ES256). */
  session_key: JWK;
}

/** How to start `planner run`. */
export interface Runner {
  command: string[];
  environment: Record<string, string>;
  at_once: number;
}

export interface Config {
  port: number;
  postgrest_url: string;
  functions: Record<string, string>;
  database: { host: string; user: string; database: string };
  keys: Keys;
  session_seconds: number;
  runner: Runner;
  /** The service account whose signed assertions the launcher takes: its public key, in PEM. */
  service_account: { email: string; public_key: string };
}

/** Read the configuration of this process. */
export function readConfig(): Config {
  return JSON.parse(Deno.env.get("LOCAL_STACK_CONFIG") ?? "{}") as Config;
}
