/**
 * Stand-in for Cloud Run: `jobs.run` starts `planner run <id>` as a process on this machine.
 *
 * It speaks the body and the tokens of the real one, so the edge function has one way only. Tests
 * can make it fail through POST /stand-in/faults, see what ran through GET /stand-in/executions, and
 * give up what waits to be started with DELETE.
 */

import { importSPKI, jwtVerify } from "jose";
import type { Config } from "./config.ts";
import { said, say } from "./say.ts";

const RUN_PATH = /^\/v2\/(projects\/[^/]+\/locations\/[^/]+\/jobs\/[^/]+):run$/;
const KEPT_EXECUTIONS = 5_000;

/** One execution of the job. */
interface Execution {
  name: string;
  run: string;
  state: "waiting" | "running" | "ended";
  exit_code: number | null;
}

/**
 * How the next launches fail: `status` answers with it, `hang` never answers, `started but hang`
 * starts the job and never answers, `lost` answers well and starts nothing, `hold` starts nothing
 * until the fault is taken away.
 */
interface Fault {
  kind: "none" | "status" | "hang" | "started but hang" | "lost" | "hold";
  status?: number;
  /** How many launches fail; absent is all. */
  times?: number;
}

export class Launcher {
  readonly #executions: Execution[] = [];
  readonly #tokens = new Set<string>();
  #fault: Fault = { kind: "none" };
  #running = 0;

  constructor(readonly config: Config) {}

  async answer(request: Request, path: string): Promise<Response> {
    if (path === "/token") return await this.#token(request);
    if (path === "/stand-in/executions") {
      if (request.method === "DELETE") this.#forgetWaiting();
      return Response.json(this.#executions);
    }
    if (path === "/stand-in/faults") return await this.#setFault(request);
    const job = RUN_PATH.exec(path)?.[1];
    if (request.method === "POST" && job !== undefined) return await this.#run(request, job);
    return failure(404, "NOT_FOUND", "The Cloud Run stand-in of local_stack knows jobs.run only.");
  }

  /** Exchange a service account's signed assertion for an access token, as Google does. */
  async #token(request: Request): Promise<Response> {
    const assertion = String((await request.formData()).get("assertion"));
    const { email, public_key } = this.config.service_account;
    try {
      const key = await importSPKI(public_key, "RS256");
      await jwtVerify(assertion, key, { issuer: email, audience: request.url });
    } catch (error) {
      return Response.json({ error: "invalid_grant", error_description: said(error) }, {
        status: 400,
      });
    }
    const token = `ya29.stand-in-${crypto.randomUUID()}`;
    this.#tokens.add(token);
    return Response.json({ access_token: token, expires_in: 3_599, token_type: "Bearer" });
  }

  async #setFault(request: Request): Promise<Response> {
    this.#fault = await request.json();
    this.#startWaiting();
    return Response.json(this.#fault);
  }

  async #run(request: Request, job: string): Promise<Response> {
    const token = request.headers.get("authorization")?.replace("Bearer ", "") ?? "";
    if (!this.#tokens.has(token)) return failure(401, "UNAUTHENTICATED", "Unknown access token.");
    const body = await request.json().catch(() => null);
    const args = body?.overrides?.containerOverrides?.[0]?.args;
    if (!Array.isArray(args) || args.length !== 2 || args[0] !== "run") {
      return failure(400, "INVALID_ARGUMENT", "containerOverrides[0].args must be [run, <id>].");
    }
    const fault = this.#nextFault();
    if (fault.kind === "status") return failure(fault.status ?? 500, "FAULT", "As the test asked.");
    if (fault.kind === "hang") return await forever(request);
    const execution = this.#add(`${job}/executions/${crypto.randomUUID()}`, String(args[1]));
    if (fault.kind === "lost") execution.state = "ended";
    this.#startWaiting();
    if (fault.kind === "started but hang") return await forever(request);
    const name = job.replace(/jobs\/.*/, `operations/${crypto.randomUUID()}`);
    return Response.json({ name, metadata: { name: execution.name }, done: false });
  }

  #nextFault(): Fault {
    const fault = this.#fault;
    if (fault.times !== undefined && --fault.times <= 0) this.#fault = { kind: "none" };
    return fault;
  }

  #add(name: string, run: string): Execution {
    const execution: Execution = { name, run, state: "waiting", exit_code: null };
    this.#executions.push(execution);
    this.#executions.splice(0, this.#executions.length - KEPT_EXECUTIONS);
    return execution;
  }

  #forgetWaiting(): void {
    for (const execution of this.#executions) {
      if (execution.state === "waiting") execution.state = "ended";
    }
  }

  /** Start what waits, a few at once: this machine is smaller than Google's. */
  #startWaiting(): void {
    if (this.#fault.kind === "hold") return;
    for (const execution of this.#executions) {
      if (this.#running >= this.config.runner.at_once) return;
      if (execution.state !== "waiting") continue;
      execution.state = "running";
      this.#running += 1;
      this.#execute(execution)
        .catch((error) => say("launcher", `${execution.run} did not start: ${said(error)}`))
        .finally(() => {
          execution.state = "ended";
          this.#running -= 1;
          this.#startWaiting();
        });
    }
  }

  async #execute(execution: Execution): Promise<void> {
    const [program, ...first] = this.config.runner.command;
    const process = new Deno.Command(program!, {
      args: [...first, "run", execution.run],
      clearEnv: true,
      env: this.config.runner.environment,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const part = `run ${execution.run.slice(0, 8)}`;
    await Promise.all([tell(part, process.stderr), process.stdout.pipeTo(new WritableStream())]);
    execution.exit_code = (await process.status).code;
    say("launcher", `run ${execution.run} ended with exit code ${execution.exit_code}`);
  }
}

async function tell(part: string, stream: ReadableStream<Uint8Array>): Promise<void> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) say(part, line);
  }
  if (rest !== "") say(part, rest);
}

/** Not to answer until the caller has gone. */
function forever(request: Request): Promise<Response> {
  return new Promise((_, reject) => {
    request.signal.addEventListener("abort", () => reject(new Error("the caller gave up")));
  });
}

function failure(code: number, status: string, message: string): Response {
  return Response.json({ error: { code, status, message } }, { status: code });
}
