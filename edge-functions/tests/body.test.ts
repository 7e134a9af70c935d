import { strict as assert } from "node:assert";
import { readJson } from "../_shared/body.ts";

function slow(chunks: string[], pauseMs: number): Request {
  const encode = new TextEncoder();
  const timers: ReturnType<typeof setTimeout>[] = [];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      chunks.forEach((chunk, n) => {
        timers.push(setTimeout(() => {
          controller.enqueue(encode.encode(chunk));
          if (n === chunks.length - 1) controller.close();
        }, n * pauseMs));
      });
    },
    cancel: () => timers.forEach(clearTimeout),
  });
  return new Request("https://example/", { method: "POST", body });
}

Deno.test("l7: a body sent a byte at a time is given up", async () => {
  const begun = performance.now();
  const body = await readJson(slow([..."[1, 2, 3]"], 50), 1_000, 120);
  assert.deepEqual(body, { kind: "too slow" });
  assert.ok(performance.now() - begun < 400);
});

Deno.test("a body in pieces is read whole; one that is too long is not", async () => {
  assert.deepEqual(await readJson(slow(["[1,", "2]"], 5), 1_000), { kind: "json", value: [1, 2] });
  assert.deepEqual(await readJson(slow(["[1,", "2]"], 5), 4), { kind: "too large" });
  assert.deepEqual(await readJson(slow(["[1,"], 5), 1_000), { kind: "not json" });
});
