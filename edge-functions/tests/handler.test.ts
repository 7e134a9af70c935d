import { strict as assert } from "node:assert";
import { ConfigurationError } from "../_shared/environment.ts";
import { handle } from "../planner-orchestration/handler.ts";
import { FakeFunction, GOOD, post, quietly, TOKEN } from "./fakes.ts";

const HOME = "http://functions.example/planner-orchestration";

Deno.test("a browser may ask first, without signing in", async () => {
  const request = new Request(HOME, { method: "OPTIONS", headers: { origin: "https://a.example" } });
  const response = await handle(request, new FakeFunction().setup);
  assert.equal(response.status, 204);
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.match(response.headers.get("access-control-allow-headers") ?? "", /authorization.*idempo/);
});

Deno.test("with a list of origins only those may read the answer", async () => {
  const fake = new FakeFunction();
  fake.origins = ["https://planner.example"];
  const answers = ["https://planner.example", "https://evil.example"].map(async (origin) => {
    const { result } = await quietly(() => handle(post(GOOD, { origin }), fake.setup));
    return result.headers.get("access-control-allow-origin");
  });
  assert.deepEqual(await Promise.all(answers), ["https://planner.example", null]);
});

Deno.test("errors carry the CORS headers too, or the page could not read them", async () => {
  const { result } = await quietly(() =>
    handle(post(GOOD, { authorization: "" }), new FakeFunction().setup)
  );
  assert.equal(result.status, 401);
  assert.equal(result.headers.get("access-control-allow-origin"), "*");
});

Deno.test("other methods and other paths are told so", async () => {
  const { setup } = new FakeFunction();
  const get = await handle(new Request(HOME), setup);
  assert.deepEqual([get.status, get.headers.get("allow")], [405, "POST, OPTIONS"]);
  const nowhere = await handle(post(GOOD, {}, "/delete-everything"), setup);
  assert.equal(nowhere.status, 404);
});

Deno.test("the function works wherever it is mounted", async () => {
  const request = new Request(`http://x.example/functions/v1/planner-orchestration/`, {
    method: "POST",
    headers: { authorization: TOKEN },
    body: JSON.stringify(GOOD),
  });
  const { result } = await quietly(() => handle(request, new FakeFunction().setup));
  assert.equal(result.status, 202);
});

Deno.test("a missing setting is logged by name and answered without it", async () => {
  const setup = {
    ...new FakeFunction().setup,
    ports: () => {
      throw new ConfigurationError("PLANNER_CLOUD_RUN_JOB is not set.");
    },
  };
  const { result, said } = await quietly(() => handle(post(GOOD), setup));
  assert.deepEqual([result.status, (await result.json()).code], [500, "configuration"]);
  assert.match(said, /PLANNER_CLOUD_RUN_JOB/);
});
