/** Access tokens of Google Cloud: from a service account's key, or from the metadata server. */

import { importPKCS8, SignJWT } from "jose";
import { z } from "zod";
import { ConfigurationError } from "../environment.ts";
import { LaunchFailed } from "./contract.ts";
import { call, type Deadline, type Fetch } from "./http.ts";

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const METADATA_URL =
  "http://metadata.google.internal/computeMetadata/v1/instance/service-accounts/default/token";
const EARLY_SECONDS = 120;

const Key = z.object({
  client_email: z.string().min(3),
  private_key: z.string().includes("PRIVATE KEY"),
  private_key_id: z.string().optional(),
  token_uri: z.url().default("https://oauth2.googleapis.com/token"),
});
const Token = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });

/** The key file of a service account, as Google hands it out. */
export type ServiceAccountKey = z.infer<typeof Key>;

/** Gives access tokens, and keeps the last one until shortly before it expires. */
export class GoogleTokens {
  #kept: { token: string; until: number } | undefined;

  /** Without a key the metadata server is asked, which only exists inside Google Cloud. */
  constructor(readonly send: Fetch, readonly key?: ServiceAccountKey) {}

  async token(deadline: Deadline): Promise<string> {
    if (this.#kept === undefined || this.#kept.until < Date.now()) {
      const answer = this.key === undefined
        ? await call(
          this.send,
          METADATA_URL,
          { headers: { "metadata-flavor": "Google" } },
          deadline,
        )
        : await this.#exchange(this.key, deadline);
      const read = Token.safeParse(await answer.json().catch(() => null));
      if (!read.success) throw new LaunchFailed("launch.denied", "Google's token is unreadable");
      const seconds = Math.max(0, read.data.expires_in - EARLY_SECONDS);
      this.#kept = { token: read.data.access_token, until: Date.now() + seconds * 1_000 };
    }
    return this.#kept.token;
  }

  /** Forget the token: it was refused. */
  forget(): void {
    this.#kept = undefined;
  }

  async #exchange(key: ServiceAccountKey, deadline: Deadline): Promise<Response> {
    const body = new URLSearchParams({
      grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer",
      assertion: await signAssertion(key),
    });
    return call(this.send, key.token_uri, { method: "POST", body }, deadline);
  }
}

/** Read a key file from a variable: the JSON itself, or the JSON in base64. */
export function readServiceAccountKey(text: string, name: string): ServiceAccountKey {
  try {
    return Key.parse(JSON.parse(text.startsWith("{") ? text : atob(text)));
  } catch {
    throw new ConfigurationError(`${name} is not the JSON key file of a service account.`);
  }
}

async function signAssertion(key: ServiceAccountKey): Promise<string> {
  const { private_key_id: kid } = key;
  try {
    return await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", ...(kid === undefined ? {} : { kid }) })
      .setIssuer(key.client_email)
      .setAudience(key.token_uri)
      .setIssuedAt()
      .setExpirationTime("10 minutes")
      .sign(await importPKCS8(key.private_key, "RS256"));
  } catch {
    throw new LaunchFailed("launch.denied", "the service account's private key is unreadable");
  }
}
