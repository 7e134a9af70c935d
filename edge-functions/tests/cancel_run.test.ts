import { strict as assert } from "node:assert";
import { handle } from "../planner-orchestration/handler.ts";
import { FakeFunction, post, quietly, RUN, TOKEN } from "./fakes.ts";
import type { Cancelled } from "../planner-orchestration/ports.ts";

async function cancel(cancelled: Cancelled, request = post({ planner_run_id: RUN }, {}, "/cancel")) {
  const fake = new FakeFunction();
  fake.runs.cancelled = cancelled;
  const { result } = await quietly(() => handle(request, fake.setup));
  return { status: result.status, body: await result.json(), fake };
}

Deno.test("a cancel is the caller's own, and answered 200", async () => {
  const { status, body, fake } = await cancel({ kind: "CANCELLED" });
  assert.equal(status, 200);
  assert.deepEqual(body, { planner_run_id: RUN, status: "CANCELLED" });
  assert.deepEqual(fake.runs.cancels, [{ caller: TOKEN, run: RUN }]);
});

Deno.test("each answer of the database has its status", async (t) => {
  const cases: [Cancelled, number, string | undefined][] = [
    [{ kind: "ALREADY" }, 200, undefined],
    [{ kind: "FINAL" }, 409, "run.ended"],
    [{ kind: "MISSING" }, 404, "run.missing"],
    [{ kind: "not allowed" }, 403, "run.denied"],
    [{ kind: "not signed in" }, 401, "auth.required"],
    [{ kind: "unreachable", message: "gone" }, 503, "database.unreachable"],
  ];
  for (const [cancelled, expected, code] of cases) {
    await t.step(`${cancelled.kind} is ${expected}`, async () => {
      const { status, body } = await cancel(cancelled);
      assert.deepEqual([status, body.code], [expected, code]);
    });
  }
});

Deno.test("a run id that is none is named", async () => {
  const { status, body } = await cancel(
    { kind: "CANCELLED" },
    post({ planner_run_id: "the last one" }, {}, "/cancel"),
  );
  assert.equal(status, 422);
  assert.deepEqual(body.errors, [
    { field: "planner_run_id", message: "must be the id of a planner run" },
  ]);
});
