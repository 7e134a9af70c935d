/** Listen to planner runs as somebody, or as nobody, and print each event as a line of JSON. */

import { createClient } from "@supabase/supabase-js";

const [url, key, email, password] = Deno.args as [string, string, string?, string?];
const supabase = createClient(url, key);
const say = (what: unknown) => console.log(JSON.stringify(what));

if (email && password) {
  const { error } = await supabase.auth.signInWithPassword({ email, password });
  if (error) throw error;
}
supabase.channel("runs").on(
  "postgres_changes",
  { event: "*", schema: "public", table: "allocation_planner_runs" },
  ({ eventType, new: row }) => say({ event: eventType, row }),
).subscribe((state, error) => {
  if (state !== "SUBSCRIBED") say({ state, said: error?.message });
});
// SUBSCRIBED can come before changes flow; the system message cannot.
supabase.getChannels()[0]?.on(
  "system" as never,
  {} as never,
  (message: { status: string; message: string }) =>
    say({ state: message.status, said: message.message }),
);
