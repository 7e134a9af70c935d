/** Reading the body of a request: never more than a limit, never for long, never an exception. */

/** What a body turned out to be. */
export type Body =
  | { kind: "json"; value: unknown }
  | { kind: "too large" }
  | { kind: "too slow" }
  | { kind: "not json" };

/** A body of this size takes milliseconds; whoever sends it a byte at a time holds the function. */
const LONGEST_MS = 10_000;

/** Read a body as JSON, giving up as soon as it is longer than `maxBytes` or takes too long. */
export async function readJson(
  request: Request,
  maxBytes: number,
  longestMs = LONGEST_MS,
): Promise<Body> {
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) return { kind: "too large" };
  const bytes = await readBytes(request.body, maxBytes, longestMs)
    .catch((): Uint8Array => new Uint8Array());
  if (!(bytes instanceof Uint8Array)) return { kind: bytes };
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
  longestMs: number,
): Promise<Uint8Array | "too large" | "too slow"> {
  if (stream === null) return new Uint8Array();
  const reader = stream.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), longestMs);
  });
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    while (true) {
      const next = await Promise.race([reader.read(), late]);
      if (next === "late") return "too slow";
      if (next.done) return joined(chunks, length);
      length += next.value.byteLength;
      if (length > maxBytes) return "too large";
      chunks.push(next.value);
    }
  } finally {
    clearTimeout(timer);
    reader.cancel().catch(() => {});
  }
}

function joined(chunks: Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
