import { strict as assert } from "node:assert";
import { LaunchFailed } from "../_shared/launch/contract.ts";
import { handle } from "../planner-orchestration/handler.ts";
import type { EarlierRun } from "../planner-orchestration/ports.ts";
import { FakeFunction, GOOD, OTHER_RUN, post, quietly, RUN, TOKEN } from "./fakes.ts";

/** What the function makes of `GOOD`. */
const REQUEST = { ...GOOD, constraints: null, options: {} };

async function ask(fake: FakeFunction, request: Request) {
  const { result: response, said } = await quietly(() => handle(request, fake.setup));
  const text = await response.text();
  return { response, body: text === "" ? null : JSON.parse(text), said };
}

/** The run that the same key asked for before: what `GOOD` asks for, but for what differs. */
function earlier(differs: Partial<EarlierRun>): EarlierRun {
  return { ...REQUEST, run: RUN, status: "GENERATING", reason: null, ...differs };
}

const withKey = () => post(GOOD, { "idempotency-key": "click-1" });

Deno.test("a good request is inserted as its caller, launched once, and answered 202", async () => {
  const fake = new FakeFunction();
  const { response, body } = await ask(fake, post(GOOD));
  assert.equal(response.status, 202);
  assert.deepEqual(body, { planner_run_id: RUN, status: "PENDING" });
  assert.deepEqual(fake.runs.asked, [{ caller: TOKEN, request: REQUEST, key: null }]);
  assert.deepEqual(fake.launcher.launched, [RUN]);
});

Deno.test("without a sign-in nothing is asked of the database", async (t) => {
  const nobody = ["", "Bearer ", "Basic YTpi", "Bearer sb_publishable_abc", "Bearer sb_secret_abc"];
  for (const authorization of nobody) {
    await t.step(`authorization: "${authorization}"`, async () => {
      const fake = new FakeFunction();
      const { response, body } = await ask(fake, post(GOOD, { authorization }));
      assert.equal(response.status, 401);
      assert.equal(body.code, "auth.required");
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      assert.deepEqual(fake.runs.asked, []);
    });
  }
});

Deno.test("a token the database refuses is a 401", async () => {
  const fake = new FakeFunction();
  fake.runs.inserted = { kind: "not signed in" };
  const { response } = await ask(fake, post(GOOD));
  assert.equal(response.status, 401);
  assert.deepEqual(fake.launcher.launched, []);
});

Deno.test("who may see the allocation run but not plan gets a 403", async () => {
  const fake = new FakeFunction();
  fake.runs.inserted = { kind: "not allowed" };
  const { response, body } = await ask(fake, post(GOOD));
  assert.deepEqual([response.status, body.code], [403, "run.denied"]);
});

Deno.test("who may not even see the allocation run learns nothing: 404", async () => {
  const fake = new FakeFunction();
  fake.runs.inserted = { kind: "not allowed" };
  fake.runs.targetIsVisible = false;
  const { response, body } = await ask(fake, post(GOOD));
  assert.deepEqual([response.status, body.code], [404, "target.missing"]);
});

Deno.test("a live run is a 409 with its id, told by the database or looked up", async () => {
  for (const known of [true, false]) {
    const fake = new FakeFunction();
    fake.runs.inserted = known ? { kind: "live run", run: OTHER_RUN } : { kind: "live run" };
    fake.runs.live = OTHER_RUN;
    const { response, body } = await ask(fake, post(GOOD));
    assert.deepEqual([response.status, body.code], [409, "run.live"]);
    assert.equal(body.planner_run_id, OTHER_RUN);
    assert.deepEqual(fake.launcher.launched, []);
  }
});

Deno.test("an organisation that asks too often gets a 429 and when to come again", async () => {
  const fake = new FakeFunction();
  fake.runs.inserted = { kind: "too many", message: "Your organisation has 5 runs waiting." };
  const { response, body } = await ask(fake, post(GOOD));
  assert.equal(response.status, 429);
  assert.equal(response.headers.get("retry-after"), "60");
  assert.match(body.detail, /5 runs waiting/);
});

Deno.test("a database that does not answer is a 503, and nothing is launched", async () => {
  const fake = new FakeFunction();
  fake.runs.inserted = { kind: "unreachable", message: "the database: 0 fetch failed" };
  const { response, body } = await ask(fake, post(GOOD));
  assert.deepEqual([response.status, body.code], [503, "database.unreachable"]);
  assert.deepEqual(fake.launcher.launched, []);
});

Deno.test("a launch that fails ends the run at once and is a 503 with its id", async () => {
  const fake = new FakeFunction();
  fake.launcher.failure = new LaunchFailed("launch.busy", "run.example: 429");
  const { response, body } = await ask(fake, post(GOOD));
  assert.deepEqual([response.status, body.code], [503, "launch.failed"]);
  assert.equal(body.planner_run_id, RUN);
  assert.deepEqual(fake.runs.failed, [{ run: RUN, reason: "launch.busy" }]);
});

Deno.test("l5: planners read a sentence about a failed launch; the platform's words are the operators'", async () => {
  const fake = new FakeFunction();
  fake.launcher.failure = new LaunchFailed("launch.denied", 'run.example: 403 {"project": "p-1"}');
  const { said } = await ask(fake, post(GOOD));
  const rows = JSON.stringify(fake.rows);
  assert.match(rows, /may not start runners/);
  assert.doesNotMatch(rows, /p-1/);
  assert.match(said, /p-1/);
});

Deno.test("a launch that seemed to fail but has a runner already is a 202", async () => {
  const fake = new FakeFunction();
  fake.launcher.failure = new LaunchFailed("launch.timeout", "run.example did not answer");
  fake.runs.failWord = "LOST";
  const { response, body } = await ask(fake, post(GOOD));
  assert.deepEqual([response.status, body.status], [202, "GENERATING"]);
});

Deno.test("a failed launch that cannot be recorded is left to the sweep, and said so", async () => {
  const fake = new FakeFunction();
  fake.launcher.failure = new LaunchFailed("launch.failed", "run.example: 500");
  fake.runs.failWord = "UNKNOWN (57P01)";
  const { response, said } = await ask(fake, post(GOOD));
  assert.equal(response.status, 503);
  assert.match(said, /the sweep will launch it again/);
});

Deno.test("the same key again is the same run, launched once", async () => {
  const fake = new FakeFunction();
  fake.runs.inserted = { kind: "live run", run: RUN };
  fake.runs.earlier = earlier({ status: "GENERATING" });
  const { response, body } = await ask(fake, withKey());
  assert.equal(response.status, 202);
  assert.deepEqual(body, { planner_run_id: RUN, status: "GENERATING" });
  assert.deepEqual(fake.launcher.launched, []);
});

Deno.test("l4: a key sent 600 times leaves no row in the logs after the first", async () => {
  const fake = new FakeFunction();
  await ask(fake, withKey());
  const first = fake.rows.length;
  fake.runs.inserted = { kind: "live run", run: RUN };
  fake.runs.earlier = earlier({ status: "GENERATING" });
  for (let i = 0; i < 600; i += 1) {
    const { response } = await ask(fake, withKey());
    assert.equal(response.status, 202);
  }
  assert.ok(first > 0);
  assert.equal(fake.rows.length, first);
});

Deno.test("the same key for another request is refused", async () => {
  const fake = new FakeFunction();
  fake.runs.inserted = { kind: "key used" };
  fake.runs.earlier = earlier({ status: "COMPLETED", n_job_lines: 13 });
  const { response, body } = await ask(fake, withKey());
  assert.deepEqual([response.status, body.code], [422, "idempotency.mismatch"]);
});

Deno.test("the key of a run that could not be launched repeats the 503", async () => {
  const fake = new FakeFunction();
  fake.runs.inserted = { kind: "key used" };
  fake.runs.earlier = earlier({ status: "FAILED", reason: "launch.failed" });
  const { response, body } = await ask(fake, withKey());
  assert.deepEqual([response.status, body.planner_run_id], [503, RUN]);
});

Deno.test("a key that cannot be used is named", async () => {
  const { response, body } = await ask(
    new FakeFunction(),
    post(GOOD, { "idempotency-key": "two words" }),
  );
  assert.equal(response.status, 422);
  assert.equal(body.errors[0].field, "Idempotency-Key");
});

Deno.test("what was not foreseen is a 500 that gives nothing away", async () => {
  const fake = new FakeFunction();
  fake.launcher.failure = new Error("connect to postgres://planner:hunter2@db failed");
  const { response, body, said } = await ask(fake, post(GOOD));
  assert.equal(response.status, 500);
  assert.doesNotMatch(JSON.stringify(body) + said, /hunter2/);
  assert.match(said, /\[redacted\]/);
});

Deno.test("nobody's token appears in a log", async () => {
  const fake = new FakeFunction();
  fake.launcher.failure = new LaunchFailed("launch.denied", `401 for ${TOKEN}`);
  const { said } = await ask(fake, post(GOOD));
  assert.doesNotMatch(said, /eyJ/);
  assert.equal(fake.kept.length, 1);
});
