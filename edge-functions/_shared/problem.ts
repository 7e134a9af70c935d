/** Problem JSON (RFC 9457): the one form of every error answer of the edge functions. */

/** One thing wrong with one field of a request; `field` is a path such as `constraints[1].max`. */
export interface FieldError {
  field: string;
  message: string;
}

/** What an error answer says beside its sentence. */
export interface ProblemDetails {
  /** What to do about it. */
  hint?: string;
  errors?: FieldError[];
  /** The run the error is about: the live one of a 409, the failed one of a 503. */
  planner_run_id?: string;
  retryAfterSeconds?: number;
}

const TITLES: Record<number, string> = {
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  413: "Too large",
  422: "Not valid",
  429: "Too many runs",
  500: "Unforeseen error",
  503: "Not available",
};

/** An error answer. `code` is for programs and stays the same; `detail` is a sentence for people. */
export function problem(
  status: number,
  code: string,
  detail: string,
  { retryAfterSeconds, ...more }: ProblemDetails = {},
): Response {
  const body = {
    type: `urn:planner:${code}`,
    title: TITLES[status] ?? "Error",
    status,
    code,
    detail,
    ...more,
  };
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (retryAfterSeconds !== undefined) headers.set("retry-after", String(retryAfterSeconds));
  return new Response(JSON.stringify(body), { status, headers });
}

/** An answer that went well. */
export function json(status: number, body: unknown): Response {
  return Response.json(body, { status });
}
