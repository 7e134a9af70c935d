/** What the decisions need from outside: the database, the launcher and the log. */

import type { Launcher } from "../_shared/launch/contract.ts";
import type { Log } from "../_shared/log.ts";
import type { RunRequest } from "./run_request.ts";

/** The caller's Authorization header, unchanged: the database decides what it may do. */
export type Authorization = string;

/** Why the database did not do what was asked. */
export type Refusal =
  | { kind: "not signed in" }
  | { kind: "not allowed" }
  | { kind: "live run"; run?: string }
  | { kind: "key used" }
  | { kind: "too many"; message: string }
  | { kind: "not valid"; message: string }
  | { kind: "unreachable"; message: string };

/** The answer to an insert. */
export type Inserted = { kind: "created"; run: string } | Refusal;

/** A run asked for earlier with the same key. */
export interface EarlierRun extends RunRequest {
  run: string;
  status: string;
  reason: string | null;
}

/** The answer to a cancel: the word of `planner_cancel_run`, or a refusal. */
export type Cancelled =
  | { kind: "CANCELLED" | "ALREADY" | "FINAL" | "MISSING" }
  | Refusal;

/** The runs as the caller may see and change them. */
export interface Runs {
  insert(caller: Authorization, request: RunRequest, key: string | null): Promise<Inserted>;
  /** The caller's own run with this key, or null. */
  findByKey(caller: Authorization, key: string): Promise<EarlierRun | null>;
  /** The run under way for an allocation run, or null. */
  findLive(caller: Authorization, allocationRun: string): Promise<string | null>;
  /** Whether the caller can see an allocation run at all. */
  seesTarget(caller: Authorization, allocationRun: string): Promise<boolean>;
  cancel(caller: Authorization, run: string): Promise<Cancelled>;
  /** Say, as the service, that no runner could be started; answers the database's word. */
  failLaunch(run: string, reason: string): Promise<string>;
}

/** All of it. */
export interface Ports {
  runs: Runs;
  launcher: Launcher;
  log: Log;
}
