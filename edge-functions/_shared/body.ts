/** Reading the body of a request: never more than a limit, and never an exception. */

/** What a body turned out to be. */
export type Body = { kind: "json"; value: unknown } | { kind: "too large" } | { kind: "not json" };

/** Read a body as JSON, giving up as soon as it is longer than `maxBytes`. */
export async function readJson(request: Request, maxBytes: number): Promise<Body> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return { kind: "too large" };
  const bytes = await readBytes(request.body, maxBytes).catch(() => new Uint8Array());
  if (bytes === null) return { kind: "too large" };
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return { kind: "json", value: JSON.parse(text) };
  } catch {
    return { kind: "not json" };
  }
}

async function readBytes(
  stream: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array | null> {
  if (stream === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.byteLength;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
