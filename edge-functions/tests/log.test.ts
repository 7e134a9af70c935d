import { strict as assert } from "node:assert";
import { Log, type LogRow } from "../_shared/log.ts";
import { LogKeeper } from "../_shared/log_keeper.ts";
import { quietly, RUN } from "./fakes.ts";

Deno.test("a log line names its run and its request, and hides what is secret", async () => {
  const log = new Log("edge.test", "request-1");
  const { said } = await quietly(() => {
    log.warning("Bearer abc.def failed", { run: RUN, said: "password=hunter2", status: 503 });
    return Promise.resolve();
  });
  const [row] = log.rows;
  assert.equal(row?.run, RUN);
  assert.equal(row?.level, "WARNING");
  assert.deepEqual(row?.context, {
    said: "password=[redacted]",
    status: 503,
    request_id: "request-1",
  });
  assert.doesNotMatch(said, /hunter2|abc\.def/);
});

Deno.test("rows of many requests are sent together, and a failing database harms nobody", async () => {
  const sent: LogRow[][] = [];
  const keeper = new LogKeeper((rows) => {
    sent.push(rows);
    return sent.length === 1 ? Promise.resolve() : Promise.reject(new Error("down"));
  }, 5);
  const row = (message: string): LogRow => ({
    created_at: new Date().toISOString(),
    level: "INFO",
    source: "edge.test",
    message,
    context: {},
  });
  await Promise.all([keeper.keep([row("one")]), keeper.keep([row("two"), row("three")])]);
  assert.deepEqual(sent.map((rows) => rows.map(({ message }) => message)), [
    ["one", "two", "three"],
  ]);
  await keeper.keep([row("four")]);
  assert.equal(sent.length, 2);
});
