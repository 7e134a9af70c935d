/** Sessions and roles: signing with the stack's own key, verifying old and new tokens. */

import {
  createLocalJWKSet,
  decodeProtectedHeader,
  importJWK,
  type JWK,
  jwtVerify,
  SignJWT,
} from "jose";
import type { Keys } from "./config.ts";

/** What a token says about its bearer. */
export interface Claims {
  sub?: string;
  role: string;
  exp?: number;
  [name: string]: unknown;
}

export class Tokens {
  readonly #keys: Keys;
  readonly #public: ReturnType<typeof createLocalJWKSet>;
  readonly jwks: { keys: JWK[] };

  constructor(keys: Keys) {
    this.#keys = keys;
    const { d: _private, ...publicKey } = keys.session_key;
    this.jwks = { keys: [publicKey] };
    this.#public = createLocalJWKSet(this.jwks);
  }

  /** The role an API key stands for; null for an unknown key. */
  roleOfKey(key: string | null): "anon" | "service_role" | null {
    if (key === this.#keys.anon || key === this.#keys.publishable) return "anon";
    if (key === this.#keys.service_role || key === this.#keys.secret) return "service_role";
    return null;
  }

  /** The token of a key's role, as the gateway of a project puts it in. */
  tokenOfRole(role: "anon" | "service_role"): string {
    return this.#keys[role];
  }

  async sign(claims: Claims, seconds: number): Promise<string> {
    const key = await importJWK(this.#keys.session_key, "ES256");
    return await new SignJWT(claims)
      .setProtectedHeader({ alg: "ES256", typ: "JWT", kid: this.#keys.session_key.kid! })
      .setIssuedAt().setExpirationTime(`${seconds} seconds`).sign(key);
  }

  /** The claims of a valid token of either kind; raises for any other. */
  async verify(token: string): Promise<Claims> {
    const legacy = decodeProtectedHeader(token).alg === "HS256";
    const secret = new TextEncoder().encode(this.#keys.jwt_secret);
    const { payload } = legacy
      ? await jwtVerify(token, secret, { algorithms: ["HS256"] })
      : await jwtVerify(token, this.#public, { algorithms: ["ES256"] });
    return payload as unknown as Claims;
  }
}
