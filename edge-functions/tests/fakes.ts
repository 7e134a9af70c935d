/** Ports that remember what they were asked, and answer what a test wants. */

import { type Launched, type Launcher, LaunchFailed } from "../_shared/launch/contract.ts";
import { Log, type LogRow } from "../_shared/log.ts";
import type { Setup } from "../planner-orchestration/handler.ts";
import type {
  Cancelled,
  EarlierRun,
  Inserted,
  Ports,
  Runs,
} from "../planner-orchestration/ports.ts";
import type { RunRequest } from "../planner-orchestration/run_request.ts";

export const RUN = "11111111-1111-4111-8111-111111111111";
export const OTHER_RUN = "22222222-2222-4222-8222-222222222222";
export const TARGET = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa";
export const TOKEN = "Bearer eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJwbGFubmVyIn0.c2lnbmF0dXJl";
export const GOOD = { allocation_run: TARGET, n_job_lines: 12 };

/** The runs of a database that answers as told. */
export class FakeRuns implements Runs {
  inserted: Inserted = { kind: "created", run: RUN };
  cancelled: Cancelled = { kind: "CANCELLED" };
  earlier: EarlierRun | null = null;
  live: string | null = null;
  targetIsVisible = true;
  failWord = "FAILED";
  readonly asked: { caller: string; request: RunRequest; key: string | null }[] = [];
  readonly failed: { run: string; reason: string }[] = [];
  readonly cancels: { caller: string; run: string }[] = [];

  insert(caller: string, request: RunRequest, key: string | null): Promise<Inserted> {
    this.asked.push({ caller, request, key });
    return Promise.resolve(this.inserted);
  }
  findByKey(): Promise<EarlierRun | null> {
    return Promise.resolve(this.earlier);
  }
  findLive(): Promise<string | null> {
    return Promise.resolve(this.live);
  }
  seesTarget(): Promise<boolean> {
    return Promise.resolve(this.targetIsVisible);
  }
  cancel(caller: string, run: string): Promise<Cancelled> {
    this.cancels.push({ caller, run });
    return Promise.resolve(this.cancelled);
  }
  failLaunch(run: string, reason: string): Promise<string> {
    this.failed.push({ run, reason });
    return Promise.resolve(this.failWord);
  }
}

/** A launcher that remembers, and fails when told to. */
export class FakeLauncher implements Launcher {
  readonly launched: string[] = [];
  failure: LaunchFailed | Error | null = null;

  launch(run: string): Promise<Launched> {
    if (this.failure !== null) return Promise.reject(this.failure);
    this.launched.push(run);
    return Promise.resolve({ execution: "executions/one" });
  }
}

/** A whole function on fakes. */
export class FakeFunction {
  readonly runs = new FakeRuns();
  readonly launcher = new FakeLauncher();
  readonly kept: Log[] = [];
  origins = ["*"];

  /** Every row the function kept. */
  get rows(): LogRow[] {
    return this.kept.flatMap((log) => log.rows);
  }

  get setup(): Setup {
    return {
      origins: this.origins,
      ports: (log): Ports => ({ runs: this.runs, launcher: this.launcher, log }),
      keep: (log) => void this.kept.push(log),
    };
  }
}

/** A POST to the function, signed in unless the headers say otherwise. */
export function post(
  body: unknown,
  headers: Record<string, string> = {},
  path = "",
): Request {
  return new Request(`http://functions.example/planner-orchestration${path}`, {
    method: "POST",
    headers: { authorization: TOKEN, "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** Run without console output. */
export async function quietly<T>(work: () => Promise<T>): Promise<{ result: T; said: string }> {
  const lines: unknown[] = [];
  const { log } = console;
  console.log = (...words: unknown[]) => void lines.push(...words);
  try {
    return { result: await work(), said: lines.join("\n") };
  } finally {
    console.log = log;
  }
}
