import { strict as assert } from "node:assert";
import { redact } from "../_shared/redact.ts";
import cases from "./redaction_cases.json" with { type: "json" };

Deno.test("l7: no kind of secret passes, in quotes or without", () => {
  for (const [text, secret] of cases.hidden) {
    assert.ok(!redact(text!).includes(secret!), `${text} -> ${redact(text!)}`);
  }
});

Deno.test("l7: what is not secret stays as it is", () => {
  for (const text of cases.kept) assert.equal(redact(text), text);
});
