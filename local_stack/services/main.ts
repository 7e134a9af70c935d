/** The stand-ins of the local stack in one process: gateway, sign-in, realtime, Cloud Run. */

// @ts-types="@types/pg"
import pg from "pg";
import { Auth } from "./auth.ts";
import { readConfig } from "./config.ts";
import { Gateway } from "./gateway.ts";
import { Launcher } from "./launcher.ts";
import { follow } from "./realtime/changes.ts";
import { Rights } from "./realtime/rights.ts";
import { Realtime } from "./realtime/server.ts";
import { say } from "./say.ts";
import { Tokens } from "./tokens.ts";

const config = readConfig();
const url = `http://127.0.0.1:${config.port}`;
const pool = new pg.Pool({ ...config.database, max: 8 });
pool.on("error", () => {});
const tokens = new Tokens(config.keys);
const realtime = new Realtime(tokens, new Rights(pool));
const gateway = new Gateway(config, tokens, {
  auth: new Auth(pool, tokens, url, config.session_seconds),
  realtime,
  launcher: new Launcher(config),
});

await follow(config.database, (change) => realtime.tell(change));
Deno.serve(
  {
    hostname: "127.0.0.1",
    port: config.port,
    onListen: () => say("gateway", `listens on ${url}`),
  },
  (request) => gateway.answer(request),
);
