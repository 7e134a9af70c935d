/** The messages of the realtime protocol: Phoenix channels as arrays (2.0.0) or objects (1.0.0). */

/** One message of either side. */
export interface Message {
  join_ref: string | null;
  ref: string | null;
  topic: string;
  event: string;
  // deno-lint-ignore no-explicit-any -- whatever a client sends
  payload: any;
}

/** Writes and reads messages for the version a client speaks. */
export function codec(version: string): {
  encode(message: Message): string;
  decode(text: string): Message;
} {
  if (version.startsWith("2")) {
    return {
      encode: ({ join_ref, ref, topic, event, payload }) =>
        JSON.stringify([join_ref, ref, topic, event, payload]),
      decode: (text) => {
        const [join_ref, ref, topic, event, payload] = JSON.parse(text);
        return { join_ref, ref, topic, event, payload };
      },
    };
  }
  return {
    encode: (message) => JSON.stringify(message),
    decode: (text) => ({ join_ref: null, ...JSON.parse(text) }),
  };
}

/** What a client wants to hear, as it sent it when it joined. */
export interface Wish {
  event: string;
  schema: string;
  table?: string;
  filter?: string;
}

/** One change of one row, as read from the write-ahead log. */
export interface Change {
  type: "INSERT" | "UPDATE" | "DELETE";
  schema: string;
  table: string;
  commit_timestamp: string;
  /** Its id, of 32 bits. */
  transaction: number;
  columns: { name: string; type: string }[];
  keys: string[];
  record: Record<string, unknown>;
  old_record: Record<string, unknown>;
}

/** Whether a change is what was wished for, row security aside. */
export function wanted(wish: Wish, change: Change): boolean {
  const event = wish.event.toUpperCase();
  return (event === "*" || event === change.type) &&
    (wish.schema === "*" || wish.schema === change.schema) &&
    (wish.table === undefined || wish.table === "*" || wish.table === change.table) &&
    (wish.filter === undefined || passes(wish.filter, change));
}

function passes(filter: string, change: Change): boolean {
  const [, column, operator, value] = /^(\w+)=(eq|neq|lt|lte|gt|gte|in)\.(.*)$/s.exec(filter) ?? [];
  if (column === undefined || value === undefined) return false;
  const row = change.type === "DELETE" ? change.old_record : change.record;
  const found = row[column];
  if (found === undefined || found === null) return false;
  if (operator === "in") return value.slice(1, -1).split(",").includes(String(found));
  const [a, b] = typeof found === "number" ? [found, Number(value)] : [String(found), value];
  switch (operator) {
    case "eq":
      return a === b;
    case "neq":
      return a !== b;
    case "lt":
      return a < b;
    case "lte":
      return a <= b;
    case "gt":
      return a > b;
    default:
      return a >= b;
  }
}
