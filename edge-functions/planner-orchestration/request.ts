/** What every request brings: who asks, with which key, and a body. */

import { type Body, readJson } from "../_shared/body.ts";
import { problem } from "../_shared/problem.ts";
import type { Refusal } from "./ports.ts";

/** Far more than a request needs: constraints are limited to 32 kB. */
const MAX_BODY_BYTES = 128 * 1024;
const JWT = /^Bearer +[\w-]+\.[\w-]+\.[\w-]+$/i;
const IDEMPOTENCY_KEY = /^[!-~]{1,200}$/;

/** The Authorization header if it can be somebody's sign-in; a bare API key is nobody. */
export function authorizationOf(request: Request): string | null {
  const header = request.headers.get("authorization")?.trim() ?? "";
  return JWT.test(header) ? header : null;
}

/** The Idempotency-Key header, null without one, or the answer to an unusable one. */
export function idempotencyKeyOf(request: Request): string | null | Response {
  const key = request.headers.get("idempotency-key");
  if (key === null || IDEMPOTENCY_KEY.test(key)) return key;
  return problem(422, "request.invalid", "The Idempotency-Key cannot be used.", {
    errors: [{ field: "Idempotency-Key", message: "1 to 200 visible ASCII characters" }],
  });
}

/** The decoded body, or the answer to one that cannot be read. */
export async function bodyOf(request: Request): Promise<{ value: unknown } | Response> {
  const body: Body = await readJson(request, MAX_BODY_BYTES);
  if (body.kind === "json") return body;
  if (body.kind === "too large") {
    return problem(413, "request.too_large", `The request is longer than ${MAX_BODY_BYTES} bytes.`);
  }
  if (body.kind === "too slow") {
    return problem(408, "request.too_slow", "The request took too long to arrive. Send it again.");
  }
  return problem(422, "request.not_json", "The body of the request is not JSON.");
}

export const NOT_SIGNED_IN = "Sign in first: the token is missing, expired or not valid.";

/** The answer to what the database refused, as far as it is the same for every request. */
export function refused(refusal: Refusal): Response {
  switch (refusal.kind) {
    case "not signed in":
      return problem(401, "auth.required", NOT_SIGNED_IN);
    case "not allowed":
      return problem(403, "run.denied", "You need the planner role in this organisation.");
    case "too many":
      return problem(429, "run.limit", refusal.message, { retryAfterSeconds: 60 });
    case "not valid":
      return problem(422, "request.invalid", refusal.message);
    case "live run":
    case "key used":
      return problem(409, "run.live", "A run is already under way for this allocation run.");
    case "unreachable":
      return problem(503, "database.unreachable", "The database does not answer. Try again.", {
        retryAfterSeconds: 5,
      });
  }
}
