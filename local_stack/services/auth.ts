/** Stand-in for the sign-in of a Supabase project: email and password, sessions, admin users. */

import { Buffer } from "node:buffer";
import { randomBytes, scryptSync, timingSafeEqual } from "node:crypto";
// @ts-types="@types/pg"
import type pg from "pg";
import type { Tokens } from "./tokens.ts";

/** Cheap on purpose: these passwords protect nothing. */
const COST = { N: 1_024 };
const REFRESH_SECONDS = 30 * 86_400;

interface UserRow {
  id: string;
  email: string;
  encrypted_password: string | null;
  raw_app_meta_data: Record<string, unknown>;
  raw_user_meta_data: Record<string, unknown>;
  created_at: Date;
}

export class Auth {
  constructor(
    readonly pool: pg.Pool,
    readonly tokens: Tokens,
    readonly url: string,
    readonly sessionSeconds: number,
  ) {}

  /** Answer a request below /auth/v1; `role` is that of the caller's API key. */
  async answer(request: Request, path: string, role: string): Promise<Response> {
    const asked = `${request.method} ${path}`;
    if (asked === "GET /.well-known/jwks.json") return Response.json(this.tokens.jwks);
    if (asked === "GET /health") return Response.json({ name: "auth stand-in of local_stack" });
    if (asked === "POST /token") return await this.#token(request);
    if (asked === "POST /signup") return await this.#signUp(request);
    if (asked === "GET /user") return await this.#user(request);
    if (asked === "POST /logout") return new Response(null, { status: 204 });
    if (path.startsWith("/admin/users")) return await this.#admin(request, path, role);
    return refusal(404, "not_in_stand_in", "The auth stand-in of local_stack does not do this.");
  }

  async #token(request: Request): Promise<Response> {
    const kind = new URL(request.url).searchParams.get("grant_type");
    const body = await bodyOf(request);
    if (kind === "password") {
      const user = await this.#find("email", String(body["email"] ?? "").toLowerCase());
      if (user === null || !fits(String(body["password"] ?? ""), user.encrypted_password)) {
        return refusal(400, "invalid_credentials", "Invalid login credentials");
      }
      return Response.json(await this.#session(user));
    }
    if (kind === "refresh_token") {
      const claims = await this.tokens.verify(String(body["refresh_token"])).catch(() => null);
      const user = claims?.role === "refresh" ? await this.#find("id", claims.sub!) : null;
      if (user === null) {
        return refusal(400, "refresh_token_not_found", "Invalid Refresh Token");
      }
      return Response.json(await this.#session(user));
    }
    return refusal(400, "unsupported_grant_type", `Unsupported grant type ${kind}`);
  }

  async #signUp(request: Request): Promise<Response> {
    const user = await this.#create(await bodyOf(request));
    return user instanceof Response ? user : Response.json(await this.#session(user));
  }

  async #user(request: Request): Promise<Response> {
    const token = request.headers.get("authorization")?.replace(/^Bearer +/i, "") ?? "";
    const claims = await this.tokens.verify(token).catch(() => null);
    const user = claims?.sub === undefined ? null : await this.#find("id", claims.sub);
    if (user === null) return refusal(403, "bad_jwt", "The token is not valid.");
    return Response.json(shown(user));
  }

  async #admin(request: Request, path: string, role: string): Promise<Response> {
    if (role !== "service_role") return refusal(403, "not_admin", "User not allowed");
    const id = path.split("/")[3];
    if (request.method === "POST" && id === undefined) {
      const user = await this.#create(await bodyOf(request));
      return user instanceof Response ? user : Response.json(shown(user));
    }
    if (request.method === "DELETE" && id !== undefined) {
      await this.pool.query("delete from auth.users where id = $1", [id]);
      return Response.json({});
    }
    const { rows } = await this.pool.query<UserRow>("select * from auth.users order by email");
    return Response.json({ users: rows.map(shown), aud: "authenticated" });
  }

  async #create(body: Record<string, unknown>): Promise<UserRow | Response> {
    const email = String(body["email"] ?? "").toLowerCase();
    const password = String(body["password"] ?? "");
    if (!email.includes("@") || password.length < 6) {
      return refusal(422, "validation_failed", "An email and a password of 6 or more, please.");
    }
    const appData = { provider: "email", providers: ["email"], ...body["app_metadata"] as object };
    const { rows } = await this.pool.query<UserRow>(
      `insert into auth.users (email, encrypted_password, raw_app_meta_data, raw_user_meta_data)
       values ($1, $2, $3, $4) on conflict (email) do nothing returning *`,
      [email, hash(password), appData, body["user_metadata"] ?? {}],
    );
    return rows[0] ?? refusal(422, "email_exists", "This email is registered already.");
  }

  async #find(column: "id" | "email", value: string): Promise<UserRow | null> {
    const { rows } = await this.pool.query<UserRow>(
      `select * from auth.users where ${column}::text = $1`,
      [value],
    );
    return rows[0] ?? null;
  }

  async #session(user: UserRow): Promise<Record<string, unknown>> {
    const shared = { sub: user.id, iss: `${this.url}/auth/v1`, aud: "authenticated" };
    const access = {
      ...shared,
      role: "authenticated",
      email: user.email,
      phone: "",
      app_metadata: user.raw_app_meta_data,
      user_metadata: user.raw_user_meta_data,
      aal: "aal1",
      session_id: crypto.randomUUID(),
      is_anonymous: false,
    };
    return {
      access_token: await this.tokens.sign(access, this.sessionSeconds),
      token_type: "bearer",
      expires_in: this.sessionSeconds,
      expires_at: Math.floor(Date.now() / 1_000) + this.sessionSeconds,
      refresh_token: await this.tokens.sign({ ...shared, role: "refresh" }, REFRESH_SECONDS),
      user: shown(user),
    };
  }
}

function shown(user: UserRow): Record<string, unknown> {
  return {
    id: user.id,
    aud: "authenticated",
    role: "authenticated",
    email: user.email,
    email_confirmed_at: user.created_at,
    phone: "",
    app_metadata: user.raw_app_meta_data,
    user_metadata: user.raw_user_meta_data,
    identities: [],
    created_at: user.created_at,
    updated_at: user.created_at,
    is_anonymous: false,
  };
}

async function bodyOf(request: Request): Promise<Record<string, unknown>> {
  const body = await request.json().catch(() => null);
  return typeof body === "object" && body !== null ? body : {};
}

function refusal(status: number, error_code: string, msg: string): Response {
  return Response.json({ code: status, error_code, msg }, { status });
}

function hash(password: string): string {
  const salt = randomBytes(16).toString("hex");
  return `scrypt$${salt}$${scryptSync(password, salt, 32, COST).toString("hex")}`;
}

function fits(password: string, stored: string | null): boolean {
  const [kind, salt, known] = (stored ?? "").split("$");
  if (kind !== "scrypt" || !salt || !known) return false;
  return timingSafeEqual(scryptSync(password, salt, 32, COST), Buffer.from(known, "hex"));
}
