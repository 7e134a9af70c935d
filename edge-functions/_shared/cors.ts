/** Cross-origin rules: browsers may call the functions from the dashboard's own address. */

const ALLOWED_HEADERS = "authorization, x-client-info, apikey, content-type, idempotency-key, " +
  "x-region, traceparent, tracestate, baggage";

/** Which origins browsers may call from; `*` is all of them: the token decides, not the page. */
export function allowedOrigins(setting: string | undefined): string[] {
  const origins = (setting ?? "*").split(",").map((origin) => origin.trim().replace(/\/$/, ""));
  return origins.filter((origin) => origin !== "");
}

/** The answer to a preflight request. */
export function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers": ALLOWED_HEADERS,
      "access-control-max-age": "86400",
    },
  });
}

/** The same answer, readable for the page that asked if its origin is allowed. */
export function withCors(response: Response, request: Request, origins: string[]): Response {
  const origin = request.headers.get("origin");
  if (origins.includes("*")) {
    response.headers.set("access-control-allow-origin", "*");
  } else {
    response.headers.append("vary", "Origin");
    if (origin !== null && origins.includes(origin)) {
      response.headers.set("access-control-allow-origin", origin);
    }
  }
  response.headers.set("access-control-expose-headers", "retry-after, x-request-id");
  return response;
}
