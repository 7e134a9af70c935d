import { strict as assert } from "node:assert";
import { exportPKCS8, generateKeyPair, jwtVerify } from "jose";
import { ConfigurationError, type Lookup } from "../_shared/environment.ts";
import { configuredLauncher } from "../_shared/launch/configured.ts";
import { LaunchFailed } from "../_shared/launch/contract.ts";
import type { Fetch } from "../_shared/launch/http.ts";
import { sign } from "../_shared/launch/signature.ts";
import { RUN } from "./fakes.ts";

const JOB = "projects/p/locations/australia-southeast2/jobs/planner";
const { privateKey, publicKey } = await generateKeyPair("RS256", { extractable: true });
const KEY = JSON.stringify({
  type: "service_account",
  client_email: "launcher@p.iam.gserviceaccount.example",
  private_key_id: "key-1",
  private_key: await exportPKCS8(privateKey),
  token_uri: "https://oauth2.example/token",
});

interface Sent {
  url: string;
  headers: Headers;
  body: string;
}

/** A fetch that answers from a list, the last one for ever, and remembers what was sent. */
function platform(...answers: (Response | Error | "hang")[]): { send: Fetch; sent: Sent[] } {
  const sent: Sent[] = [];
  const send: Fetch = async (url, init) => {
    const request = new Request(url, { ...init, redirect: "follow" });
    sent.push({ url, headers: request.headers, body: await request.clone().text() });
    if (url.endsWith("/token")) {
      return Response.json({ access_token: `token-${sent.length}`, expires_in: 3_600 });
    }
    const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? Response.json({});
    if (answer instanceof Error) throw answer;
    if (answer !== "hang") return answer.clone();
    return await new Promise((_, reject) =>
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason))
    );
  };
  return { send, sent };
}

function settings(more: Record<string, string> = {}): Lookup {
  const all: Record<string, string> = {
    PLANNER_CLOUD_RUN_JOB: JOB,
    PLANNER_GOOGLE_KEY: KEY,
    PLANNER_LAUNCH_TIMEOUT_SECONDS: "2",
    ...more,
  };
  return (name) => all[name];
}

const STARTED = Response.json({
  name: "operations/1",
  metadata: { name: `${JOB}/executions/planner-abc` },
});

async function failureOf(work: Promise<unknown>): Promise<LaunchFailed> {
  const error = await work.then(() => null, (error) => error);
  assert.ok(error instanceof LaunchFailed, `${error}`);
  return error;
}

Deno.test("Cloud Run gets jobs.run with the run as the container's arguments", async () => {
  const { send, sent } = platform(STARTED);
  const { execution } = await configuredLauncher(settings(), send).launch(RUN);
  assert.equal(execution, `${JOB}/executions/planner-abc`);
  assert.equal(sent[1]?.url, `https://run.googleapis.com/v2/${JOB}:run`);
  assert.deepEqual(JSON.parse(sent[1]!.body), {
    overrides: { containerOverrides: [{ args: ["run", RUN] }] },
  });
  assert.equal(sent[1]?.headers.get("authorization"), "Bearer token-1");
});

Deno.test("the token comes from an assertion signed with the service account's key", async () => {
  const { send, sent } = platform(STARTED);
  await configuredLauncher(settings(), send).launch(RUN);
  const form = new URLSearchParams(sent[0]!.body);
  assert.equal(form.get("grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
  const { payload, protectedHeader } = await jwtVerify(form.get("assertion")!, publicKey, {
    audience: "https://oauth2.example/token",
    issuer: "launcher@p.iam.gserviceaccount.example",
  });
  assert.equal(payload["scope"], "https://www.googleapis.com/auth/cloud-platform");
  assert.equal(protectedHeader.kid, "key-1");
});

Deno.test("a token serves many launches; one that is refused is replaced once", async () => {
  const { send, sent } = platform(STARTED, new Response("expired", { status: 401 }), STARTED);
  const launcher = configuredLauncher(settings(), send);
  await launcher.launch(RUN);
  await launcher.launch(RUN);
  assert.equal(sent.filter(({ url }) => url.endsWith("/token")).length, 2);
});

Deno.test("without a key the metadata server gives the token", async () => {
  const { send, sent } = platform(STARTED);
  await configuredLauncher(settings({ PLANNER_GOOGLE_KEY: "" }), send).launch(RUN);
  assert.match(sent[0]!.url, /^http:\/\/metadata\.google\.internal\//);
  assert.equal(sent[0]!.headers.get("metadata-flavor"), "Google");
});

Deno.test("what the platform did not take is sent again, a few times", async () => {
  const busy = new Response("quota", { status: 429 });
  const taken = platform(busy, busy, STARTED);
  await configuredLauncher(settings(), taken.send).launch(RUN);
  assert.equal(taken.sent.length, 4);
  const refused = platform(busy);
  const { reason } = await failureOf(configuredLauncher(settings(), refused.send).launch(RUN));
  assert.equal(reason, "launch.busy");
  assert.equal(refused.sent.length, 4);
});

Deno.test("what may have started a container is not sent again", async (t) => {
  const cases: [string, Response | Error | "hang", string][] = [
    ["a broken connection", new TypeError("connection reset"), "launch.unreachable"],
    ["a server error", new Response("oops", { status: 500 }), "launch.failed"],
    ["no answer in time", "hang", "launch.timeout"],
    ["an unknown job", new Response("none", { status: 404 }), "launch.no_such_job"],
  ];
  for (const [what, answer, expected] of cases) {
    await t.step(what, async () => {
      const { send, sent } = platform(answer);
      const { reason } = await failureOf(configuredLauncher(settings(), send).launch(RUN));
      assert.equal(reason, expected);
      assert.equal(sent.filter(({ url }) => url.endsWith(":run")).length, 1);
    });
  }
});

Deno.test("a failure never quotes a token", async () => {
  const { send } = platform(new Response("bad Bearer ya29.abcdef", { status: 500 }));
  const { message } = await failureOf(configuredLauncher(settings(), send).launch(RUN));
  assert.doesNotMatch(message, /ya29\.abc/);
});

Deno.test("a webhook gets the run, its arguments and the shared secret", async () => {
  const { send, sent } = platform(new Response(null, { status: 202 }));
  const lookup = settings({
    PLANNER_LAUNCHER: "webhook",
    PLANNER_WEBHOOK_URL: "https://ci.example/hooks/planner",
    PLANNER_WEBHOOK_SECRET: "shared",
  });
  await configuredLauncher(lookup, send).launch(RUN);
  assert.deepEqual(JSON.parse(sent[0]!.body), { planner_run_id: RUN, args: ["run", RUN] });
  assert.equal(sent[0]!.headers.get("authorization"), "Bearer shared");
  const timestamp = Number(sent[0]!.headers.get("x-planner-timestamp"));
  assert.ok(Math.abs(Date.now() / 1_000 - timestamp) < 5);
  assert.equal(
    sent[0]!.headers.get("x-planner-signature"),
    await sign("shared", timestamp, sent[0]!.body),
  );
  assert.equal(sent[0]!.headers.get("idempotency-key"), RUN);
});

Deno.test("l7: a signature is what the runner's side makes of the same secret, time and body", async () => {
  // tests/unit/test_webhook.py holds the other side to the same value.
  assert.equal(
    await sign("shared", 1_800_000_000, "{}"),
    "v1=d4f9e33e547d5febe2df5ba378a27fe752f3e4c0c362e50e5d4f1a33fa41b6bf",
  );
});

Deno.test("a wrong setting is named, and its value is not quoted", async (t) => {
  const cases: [Record<string, string>, RegExp][] = [
    [{ PLANNER_LAUNCHER: "carrier pigeon" }, /PLANNER_LAUNCHER/],
    [{ PLANNER_CLOUD_RUN_JOB: "planner" }, /PLANNER_CLOUD_RUN_JOB/],
    [{ PLANNER_GOOGLE_KEY: "{}" }, /PLANNER_GOOGLE_KEY/],
    [{ PLANNER_GOOGLE_KEY: "not base64 !" }, /PLANNER_GOOGLE_KEY/],
    [{ PLANNER_LAUNCH_TIMEOUT_SECONDS: "600" }, /PLANNER_LAUNCH_TIMEOUT_SECONDS/],
    [{ PLANNER_LAUNCHER: "webhook" }, /PLANNER_WEBHOOK_URL/],
    [
      { PLANNER_WEBHOOK_URL: "http://ci.example/hook", PLANNER_LAUNCHER: "webhook" },
      /PLANNER_WEBHOOK_URL must begin with https/,
    ],
  ];
  for (const [more, expected] of cases) {
    await t.step(Object.keys(more)[0]!, () => {
      assert.throws(() => configuredLauncher(settings(more), platform().send), (error) => {
        assert.ok(error instanceof ConfigurationError);
        assert.match(error.message, expected);
        return true;
      });
    });
  }
});
