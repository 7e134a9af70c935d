import { strict as assert } from "node:assert";
import { PostgrestError } from "@supabase/postgrest-js";
import { readProject } from "../_shared/environment.ts";
import { redact } from "../_shared/redact.ts";
import { refusalOf } from "../planner-orchestration/database.ts";
import { OTHER_RUN } from "./fakes.ts";

function refusal(status: number, code: string, message = "", details = "") {
  return refusalOf({ status, error: new PostgrestError({ code, message, details, hint: "" }) });
}

Deno.test("what the database says is recognised by its code first", () => {
  const detail = JSON.stringify({ run: OTHER_RUN });
  assert.deepEqual(refusal(409, "23505", "under way", detail), {
    kind: "live run",
    run: OTHER_RUN,
  });
  assert.deepEqual(refusal(409, "23505", "one_live_run", "Key (x)=(y) exists."), {
    kind: "live run",
  });
  assert.equal(refusal(409, "23505", "... one_run_per_idempotency_key").kind, "key used");
  assert.equal(refusal(401, "PGRST301").kind, "not signed in");
  assert.equal(refusal(401, "42501").kind, "not signed in");
  assert.equal(refusal(403, "42501").kind, "not allowed");
  assert.equal(refusal(429, "PT429", "5 waiting").kind, "too many");
  assert.equal(refusal(400, "22P05").kind, "not valid");
  assert.equal(refusal(400, "PGRST102").kind, "not valid");
  assert.equal(refusal(400, "23514").kind, "not valid");
  assert.equal(refusal(503, "PGRST002").kind, "unreachable");
  assert.equal(refusal(0, "", "fetch failed").kind, "unreachable");
});

Deno.test("new keys go before legacy ones, and either will do", () => {
  const legacy = { SUPABASE_URL: "http://x/", SUPABASE_ANON_KEY: "a", SUPABASE_SERVICE_ROLE_KEY: "s" };
  const look = (values: Record<string, string>) => (name: string) => values[name];
  assert.deepEqual(readProject(look(legacy)), {
    url: "http://x",
    publishableKey: "a",
    secretKey: "s",
  });
  const both = {
    ...legacy,
    SUPABASE_PUBLISHABLE_KEYS: '{"default": "sb_publishable_1"}',
    SUPABASE_SECRET_KEYS: '{"web": "sb_secret_1"}',
  };
  assert.equal(readProject(look(both)).publishableKey, "sb_publishable_1");
  assert.equal(readProject(look(both)).secretKey, "sb_secret_1");
});

Deno.test("keys, tokens and passwords never pass", () => {
  const secrets = [
    "eyJhbGciOiJIUzI1NiJ9.eyJyb2xlIjoic2VydmljZSJ9.abc",
    "sb_secret_0123456789abcdef",
    "ya29.a0AfB_by-token",
    "hunter2",
    "-----BEGIN PRIVATE KEY-----\nMIIEv",
  ];
  const text = `Bearer ${secrets[0]} ${secrets[1]} ${secrets[2]} ` +
    `postgres://me:${secrets[3]}@db ${secrets[4]}`;
  for (const secret of secrets) assert.ok(!redact(text).includes(secret), redact(text));
});
