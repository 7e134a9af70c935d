import { strict as assert } from "node:assert";
import fc from "npm:fast-check@4.10.2";
import { handle } from "../planner-orchestration/handler.ts";
import { parseRunRequest } from "../planner-orchestration/run_request.ts";
import { FakeFunction, GOOD, post, quietly, TARGET } from "./fakes.ts";

function errorsOf(body: unknown): string[] {
  const parsed = parseRunRequest(body);
  return parsed.ok ? [] : parsed.errors.map(({ field, message }) => `${field}: ${message}`);
}

Deno.test("a request with constraints and options passes as it is", () => {
  const constraints = ["VIC_PGY1", { name: "MAX_RURAL_TERMS", max: 1 }, { name: "NO_NIGHTS" }];
  const options = { time_limit_seconds: 30, seed: 7, allow_partial: true, target_gap: null };
  const parsed = parseRunRequest({ ...GOOD, constraints, options });
  assert.deepEqual(parsed, { ok: true, value: { ...GOOD, constraints, options } });
});

Deno.test("each wrong field is named with what is wrong", async (t) => {
  const cases: [string, unknown, RegExp][] = [
    ["no object", [], /^body: /],
    ["nothing", null, /^body: /],
    ["no target", { n_job_lines: 1 }, /^allocation_run: /],
    ["a target that is no id", { ...GOOD, allocation_run: "x" }, /^allocation_run: must be the id/],
    ["no number", { allocation_run: TARGET }, /^n_job_lines: /],
    ["no lines", { ...GOOD, n_job_lines: 0 }, /^n_job_lines: /],
    ["half a line", { ...GOOD, n_job_lines: 1.5 }, /^n_job_lines: /],
    ["too many lines", { ...GOOD, n_job_lines: 10_001 }, /^n_job_lines: /],
    ["a number as text", { ...GOOD, n_job_lines: "12" }, /^n_job_lines: /],
    ["an unknown field", { ...GOOD, n_lines: 3 }, /^n_lines: is not a known field/],
    ["constraints that are no list", { ...GOOD, constraints: {} }, /^constraints: /],
    [
      "an unknown constraint",
      { ...GOOD, constraints: ["MAX_RURAL_TERM"] },
      /^constraints\[0\]\.name: unknown constraint; did you mean .*MAX_RURAL_TERMS/,
    ],
    [
      "a bound out of range",
      { ...GOOD, constraints: ["VIC_PGY1", { name: "MAX_SPECIALTY_SHARE", max: 1.5 }] },
      /^constraints\[1\]\.max: /,
    ],
    [
      "a bound of another rule",
      { ...GOOD, constraints: [{ name: "MAX_RURAL_TERMS", min: 1 }] },
      /^constraints\[0\]\.min: is not a known field/,
    ],
    [
      "bounds beside a pack",
      { ...GOOD, constraints: [{ name: "VIC_PGY1", max: 1 }] },
      /^constraints\[0\]: the pack VIC_PGY1 takes no bounds/,
    ],
    ["two packs", { ...GOOD, constraints: ["VIC_PGY1", "NSW_PGY1"] }, /two packs are named/],
    ["a rule twice", { ...GOOD, constraints: ["NO_NIGHTS", "NO_NIGHTS"] }, /given already at/],
    ["a nameless rule", { ...GOOD, constraints: [{ max: 1 }] }, /^constraints\[0\]: must be a name/],
    ["a wrong option", { ...GOOD, options: { workers: 0 } }, /^options\.workers: /],
    ["an unknown option", { ...GOOD, options: { speed: 9 } }, /^options\.speed: is not a known/],
    [
      "a block of leave too long",
      { ...GOOD, constraints: [{ name: "ANNUAL_LEAVE", blocks: [[99]] }] },
      /^constraints\[0\]\.blocks\[0\]\[0\]: /,
    ],
  ];
  for (const [what, body, expected] of cases) {
    await t.step(what, () => assert.match(errorsOf(body).join("\n"), expected));
  }
});

Deno.test("whatever JSON comes, the answer is a 422 or a 202, and never a 500", async () => {
  const fake = new FakeFunction();
  await quietly(async () => {
    await fc.assert(
      fc.asyncProperty(fc.json(), async (body) => {
        const { status } = await handle(post(body), fake.setup);
        assert.ok(status === 422 || status === 202, `${status} for ${body}`);
      }),
      { numRuns: 500, seed: 20_261_123 },
    );
  });
});

Deno.test("whatever stands in the known fields, the answer is a 422 or a 202", async () => {
  const anything = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom("VIC_PGY1", "__proto__", "constructor", "\u0000", "\ud800"),
  );
  const bodies = fc.record({
    allocation_run: fc.oneof(fc.constant(TARGET), anything),
    n_job_lines: fc.oneof(fc.nat(20_000), anything),
    constraints: fc.oneof(
      fc.array(fc.oneof(anything, fc.record({ name: anything, max: anything, min: anything }))),
      anything,
    ),
    options: fc.oneof(fc.record({ seed: anything, workers: anything }), anything),
  }, { requiredKeys: [] });
  const fake = new FakeFunction();
  await quietly(async () => {
    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const response = await handle(post(body), fake.setup);
        assert.ok([202, 422].includes(response.status), `${response.status}`);
        const { errors } = await response.json();
        if (response.status === 422) assert.ok(errors.length > 0 && errors[0].field !== "");
      }),
      { numRuns: 500, seed: 20_261_123 },
    );
  });
});

Deno.test("a body of a megabyte is refused, whether or not it says its length", async () => {
  const long = JSON.stringify({ ...GOOD, constraints: ["x".repeat(2 ** 20)] });
  const streamed = new Request(post(GOOD).url, {
    method: "POST",
    headers: post(GOOD).headers,
    body: new Blob([long]).stream(),
  });
  const { setup } = new FakeFunction();
  for (const request of [post(long), post(long, { "content-length": "10" }), streamed]) {
    const response = await handle(request, setup);
    assert.deepEqual([response.status, (await response.json()).code], [413, "request.too_large"]);
  }
});

Deno.test("a body that is not JSON, or not UTF-8, is a 422", async () => {
  const { setup } = new FakeFunction();
  const bytes = new Request(post(GOOD).url, {
    method: "POST",
    headers: post(GOOD).headers,
    body: new Uint8Array([0xff, 0xfe, 0x00]),
  });
  for (const request of [post("{"), post(""), bytes]) {
    const response = await handle(request, setup);
    assert.deepEqual([response.status, (await response.json()).code], [422, "request.not_json"]);
  }
});
