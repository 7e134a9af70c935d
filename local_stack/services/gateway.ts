/** Stand-in for the gateway of a Supabase project: keys, paths, CORS, and the way to each part. */

import type { Auth } from "./auth.ts";
import type { Config } from "./config.ts";
import type { Launcher } from "./launcher.ts";
import type { Realtime } from "./realtime/server.ts";
import { said, say } from "./say.ts";
import type { Tokens } from "./tokens.ts";

const WHAT_THIS_IS = {
  name: "local_stack of the planner",
  note: "Development stand-ins for a Supabase project; PostgREST and Postgres are the real ones.",
  paths: ["/rest/v1", "/auth/v1", "/functions/v1", "/realtime/v1", "/cloud-run"],
};
const JWT = /^Bearer +[\w-]+\.[\w-]+\.[\w-]+$/i;

export interface Parts {
  auth: Auth;
  realtime: Realtime;
  launcher: Launcher;
}

export class Gateway {
  constructor(readonly config: Config, readonly tokens: Tokens, readonly parts: Parts) {}

  /** Answer any request; what a part fails at becomes a 502. */
  async answer(request: Request): Promise<Response> {
    const begun = performance.now();
    const { pathname } = new URL(request.url);
    const response = await this.#route(request, pathname).catch((error) => {
      say("gateway", `${request.method} ${pathname} failed: ${said(error)}`);
      return Response.json({ message: "The part behind does not answer." }, { status: 502 });
    });
    if (response.status !== 101 && request.method !== "OPTIONS") {
      const milliseconds = Math.round(performance.now() - begun);
      say("gateway", `${request.method} ${pathname} ${response.status} ${milliseconds} ms`);
    }
    return response;
  }

  async #route(request: Request, path: string): Promise<Response> {
    const [, part, version] = path.split("/");
    if (part === "functions" && version === "v1") return await this.#function(request, path);
    if (part === "cloud-run") {
      return await this.parts.launcher.answer(request, path.slice("/cloud-run".length));
    }
    if (request.method === "OPTIONS") return withCors(new Response(null, { status: 204 }), request);
    if (path === "/") return Response.json(WHAT_THIS_IS);
    return withCors(await this.#keyed(request, path), request);
  }

  /** The paths that ask for an API key. */
  async #keyed(request: Request, path: string): Promise<Response> {
    const url = new URL(request.url);
    const isPublic = path === "/auth/v1/.well-known/jwks.json";
    const key = request.headers.get("apikey") ?? url.searchParams.get("apikey");
    const role = isPublic ? "anon" : this.tokens.roleOfKey(key);
    if (role === null) {
      return Response.json({ message: "Invalid API key", hint: "Check `apikey`." }, {
        status: 401,
      });
    }
    if (path.startsWith("/rest/v1")) {
      const headers = onward(request);
      if (!JWT.test(headers.get("authorization") ?? "")) {
        headers.set("authorization", `Bearer ${this.tokens.tokenOfRole(role)}`);
      }
      const target = this.config.postgrest_url + (path.slice("/rest/v1".length) || "/");
      return await forward(request, target + url.search, headers);
    }
    if (path.startsWith("/auth/v1")) {
      return await this.parts.auth.answer(request, path.slice("/auth/v1".length), role);
    }
    if (path === "/realtime/v1/websocket") return this.parts.realtime.connect(request, role);
    return Response.json({ message: "no Route matched with those values" }, { status: 404 });
  }

  /** Functions answer for themselves, preflight requests included. */
  async #function(request: Request, path: string): Promise<Response> {
    const name = path.split("/")[3] ?? "";
    const home = this.config.functions[name];
    if (home === undefined) {
      return withCors(
        Response.json({ code: "NOT_FOUND", message: "Requested function was not found" }, {
          status: 404,
        }),
        request,
      );
    }
    const target = home + path.slice("/functions/v1".length) + new URL(request.url).search;
    return await forward(request, target, onward(request));
  }
}

function onward(request: Request): Headers {
  const headers = new Headers(request.headers);
  for (const name of ["host", "connection", "content-length", "accept-encoding"]) {
    headers.delete(name);
  }
  headers.set("accept-encoding", "identity");
  return headers;
}

async function forward(request: Request, target: string, headers: Headers): Promise<Response> {
  const answer = await fetch(target, {
    method: request.method,
    headers,
    body: request.body,
    redirect: "manual",
    signal: request.signal,
  });
  const kept = new Headers(answer.headers);
  for (const name of ["connection", "keep-alive", "transfer-encoding"]) kept.delete(name);
  return new Response(answer.body, { status: answer.status, headers: kept });
}

function withCors(response: Response, request: Request): Response {
  if (response.status === 101) return response;
  const headers = new Headers(response.headers);
  headers.set("access-control-allow-origin", "*");
  headers.set("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  headers.set(
    "access-control-allow-headers",
    request.headers.get("access-control-request-headers") ?? "*",
  );
  headers.set("access-control-expose-headers", "content-range, content-location, location");
  return new Response(response.body, { status: response.status, headers });
}
