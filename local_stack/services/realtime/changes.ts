/** Changes of published tables, by logical replication: as they are committed, in their order. */

import { LogicalReplicationService, type Pgoutput, PgoutputPlugin } from "pg-logical-replication";
// @ts-types="@types/pg"
import type pg from "pg";
import { said, say } from "../say.ts";
import type { Change } from "./protocol.ts";

const PUBLICATION = "supabase_realtime";
const RETRY_MS = 500;

/** A slot that ends with its connection, so that nothing is left behind in the database. */
class TemporarySlot extends PgoutputPlugin {
  override async start(client: pg.Client, slot: string, lsn: string): Promise<unknown> {
    await client.query(`CREATE_REPLICATION_SLOT ${slot} TEMPORARY LOGICAL pgoutput`);
    return super.start(client, slot, lsn);
  }
}

/** Follow the publication for as long as the process lives; resolves once changes are certain. */
export async function follow(
  database: pg.ClientConfig,
  onChange: (change: Change) => Promise<void>,
): Promise<void> {
  await new Promise<void>((started) => void keepFollowing(database, onChange, started));
}

async function keepFollowing(
  database: pg.ClientConfig,
  onChange: (change: Change) => Promise<void>,
  started: () => void,
): Promise<void> {
  while (true) {
    const service = new LogicalReplicationService(database, { flowControl: { enabled: true } });
    let committedAt = new Date();
    let transaction = 0;
    service.on("start", started);
    service.on("error", () => {});
    service.on("data", async (_lsn: string, message: Pgoutput.Message) => {
      if (message.tag === "begin") {
        committedAt = new Date(Number(message.commitTime) / 1_000);
        transaction = message.xid;
      }
      const change = changeOf(message, committedAt, transaction);
      if (change !== null) await onChange(change);
    });
    const plugin = new TemporarySlot({ protoVersion: 1, publicationNames: [PUBLICATION] });
    await service.subscribe(plugin, `local_stack_${crypto.randomUUID().replaceAll("-", "")}`)
      .catch((error: unknown) => say("realtime", `replication ended: ${said(error)}`));
    await service.destroy().catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function changeOf(
  message: Pgoutput.Message,
  committedAt: Date,
  transaction: number,
): Change | null {
  if (message.tag !== "insert" && message.tag !== "update" && message.tag !== "delete") return null;
  const { relation } = message;
  const old = message.tag === "insert" ? null : message.old ?? message.key;
  return {
    type: message.tag.toUpperCase() as Change["type"],
    schema: relation.schema,
    table: relation.name,
    commit_timestamp: committedAt.toISOString(),
    transaction,
    columns: relation.columns.map(({ name, typeName, typeOid }) => ({
      name,
      type: typeName ?? TYPES[typeOid] ?? "text",
    })),
    keys: relation.keyColumns,
    record: message.tag === "delete" ? {} : { ...message.new },
    old_record: { ...old ?? {} },
  };
}

/** The built-in types by their OID: the protocol names only the others. */
const TYPES: Record<number, string> = {
  16: "bool",
  20: "int8",
  21: "int2",
  23: "int4",
  25: "text",
  114: "json",
  700: "float4",
  701: "float8",
  1043: "varchar",
  1082: "date",
  1114: "timestamp",
  1184: "timestamptz",
  1700: "numeric",
  2950: "uuid",
  3802: "jsonb",
};
