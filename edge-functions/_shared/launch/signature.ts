/** The signature of a webhook: whoever knows the secret can tell who sent it, and when. */

export const TIMESTAMP_HEADER = "x-planner-timestamp";
export const SIGNATURE_HEADER = "x-planner-signature";

/** Sign `<seconds since 1970>.<body>` with HMAC-SHA256; `v1=` and 64 hexadecimal digits. */
export async function sign(secret: string, timestamp: number, body: string): Promise<string> {
  const encode = new TextEncoder();
  const key = await crypto.subtle.importKey(
    "raw",
    encode.encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const bytes = await crypto.subtle.sign("HMAC", key, encode.encode(`${timestamp}.${body}`));
  const digits = [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0"));
  return `v1=${digits.join("")}`;
}
