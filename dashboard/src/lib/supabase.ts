/** The one connection of the page: REST, functions, sign-in and realtime of one Supabase project. */

import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import type { Database } from "../../../edge-functions/_shared/database.types";

export type { Json, Tables } from "../../../edge-functions/_shared/database.types";
export type Client = SupabaseClient<Database>;

/** Where the project is; `config.json` beside the page says it, so one build serves every project. */
export interface Config {
  readonly supabaseUrl: string;
  readonly supabaseKey: string;
}

let client: Client | null = null;

/** Read `config.json`; the build's own `VITE_SUPABASE_*` stand in where it is missing. */
export async function readConfig(): Promise<Config> {
  const answer = await fetch("config.json", { cache: "no-cache" }).catch(() => null);
  const found: unknown = answer?.ok ? await answer.json().catch(() => null) : null;
  if (isConfig(found)) return found;
  const built = {
    supabaseUrl: import.meta.env["VITE_SUPABASE_URL"] as unknown,
    supabaseKey: import.meta.env["VITE_SUPABASE_PUBLISHABLE_KEY"] as unknown,
  };
  if (isConfig(built)) return built;
  throw new Error("config.json names no supabaseUrl and supabaseKey.");
}

const isConfig = (value: unknown): value is Config =>
  typeof value === "object" &&
  value !== null &&
  typeof (value as Config).supabaseUrl === "string" &&
  typeof (value as Config).supabaseKey === "string";

/** Open the connection; once, before anything is drawn. */
export function connect({ supabaseUrl, supabaseKey }: Config): Client {
  client = createClient<Database>(supabaseUrl, supabaseKey, {
    auth: { storageKey: "planner.session", persistSession: true, autoRefreshToken: true },
    // Events are hints: their tally is bounded by the database already.
    realtime: { heartbeatIntervalMs: 10_000, timeout: 8_000 },
  });
  return client;
}

/** The connection; an error before `connect`. */
export function supabase(): Client {
  if (!client) throw new Error("The page is not connected yet.");
  return client;
}

/** A request the server refused or never got, with what to tell a person. */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(
    message: string,
    readonly status: number,
    readonly code = "",
  ) {
    super(message);
  }
}

interface Answer<T> {
  readonly data: T | null;
  readonly error: { readonly message: string; readonly code?: string } | null;
  readonly status: number;
}

/** The data of an answer; throws `Refused` with its status otherwise. */
export function dataOf<T>(answer: Answer<T>): T {
  if (answer.error) {
    const { message, code = "" } = answer.error;
    throw new Refused(answer.status === 0 ? "The server cannot be reached." : message, answer.status, code);
  }
  return answer.data as T;
}

/** As `dataOf`, for a row that may not be there. */
export const rowOf = <T>(answer: Answer<T>): T | null => dataOf<T | null>(answer);

/** What went wrong, as a sentence. */
export const sentence = (error: unknown): string =>
  error instanceof Error && error.message ? error.message : "Something unforeseen went wrong.";
