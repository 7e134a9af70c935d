/** What the functions read from their environment, under the names a Supabase project sets. */

/** Looks up one variable; a blank one counts as missing. */
export type Lookup = (name: string) => string | undefined;

/** The project the function belongs to. */
export interface Project {
  url: string;
  /** Names the project to its gateway; grants nothing by itself. */
  publishableKey: string;
  /** Acts as the service role: only for saying that a launch failed, and for logs. */
  secretKey: string;
}

/** A variable is missing or unreadable; the message names it, never its value. */
export class ConfigurationError extends Error {}

/** The process's own environment. */
export const environment: Lookup = (name) => Deno.env.get(name)?.trim() || undefined;

/** Return a variable, or say that it is missing. */
export function required(lookup: Lookup, name: string): string {
  const value = lookup(name);
  if (value === undefined) throw new ConfigurationError(`${name} is not set.`);
  return value;
}

/** Read address and keys: the new keys (a JSON object by name) go before the legacy ones. */
export function readProject(lookup: Lookup): Project {
  return {
    url: required(lookup, "SUPABASE_URL").replace(/\/$/, ""),
    publishableKey: firstKey(lookup, "SUPABASE_PUBLISHABLE_KEYS") ??
      required(lookup, "SUPABASE_ANON_KEY"),
    secretKey: firstKey(lookup, "SUPABASE_SECRET_KEYS") ??
      required(lookup, "SUPABASE_SERVICE_ROLE_KEY"),
  };
}

function firstKey(lookup: Lookup, name: string): string | undefined {
  const text = lookup(name);
  if (text === undefined) return undefined;
  try {
    const keys = JSON.parse(text) as Record<string, string>;
    return keys["default"] ?? Object.values(keys)[0];
  } catch {
    throw new ConfigurationError(`${name} is not a JSON object of keys.`);
  }
}
