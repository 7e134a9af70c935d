/** The runs of an allocation run, kept true: events say "look again", the rows themselves are read. */

import { REALTIME_SUBSCRIBE_STATES } from "@supabase/supabase-js";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { reread } from "../../lib/reread";
import { keys } from "../../lib/round";
import { supabase } from "../../lib/supabase";

/** How the page hears of changes: by realtime events, by asking, or not at all. */
export type Connection = "connecting" | "live" | "polling" | "offline";

/** An event may overtake the commit it tells of: what was read at once is read again after this, ms. */
const SETTLED = 1_000;
const RETRY_SECONDS = [1, 2, 5, 10, 20];

/** Ask this often, in ms; even with realtime there, for an event may be lost. */
export function lookEvery(connection: Connection, running: boolean): number | false {
  if (connection === "offline") return false;
  if (connection === "live") return running ? 15_000 : 120_000;
  return running ? 2_000 : 15_000;
}

/** Listen to the runs of an allocation run for as long as the page shows them. */
export function useWatch(round: string): Connection {
  const client = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");

  useEffect(() => {
    let ended = false;
    let tries = 0;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let settled: ReturnType<typeof setTimeout> | undefined;
    let leave: () => void = () => undefined;
    let live = false;
    let joining = false;

    const look = () => {
      void reread(client, keys.runs(round));
      void reread(client, ["run"]);
    };
    const heard = (change: { new?: { status?: string } }) => {
      // The lines are what one waits for: they are asked for first, at the same time as the row.
      if (change.new?.status === "COMPLETED") void reread(client, keys.lines(round));
      look();
      clearTimeout(settled);
      settled = setTimeout(look, SETTLED);
    };
    const lost = () => {
      live = joining = false;
      setConnection(navigator.onLine ? "polling" : "offline");
      clearTimeout(retry);
      const seconds = RETRY_SECONDS[Math.min(tries++, RETRY_SECONDS.length - 1)] ?? 20;
      retry = setTimeout(join, seconds * 1000);
    };
    const join = () => {
      leave();
      if (ended) return;
      joining = true;
      let mine = true;
      const channel = supabase()
        .channel(`planner-runs:${round}:${crypto.randomUUID()}`)
        .on(
          "postgres_changes",
          { event: "*", schema: "public", table: "allocation_planner_runs", filter: `allocation_run=eq.${round}` },
          heard,
        )
        // Joined is not yet listening: the server says so a moment later, and then rows are certain.
        .on("system", {}, look)
        .subscribe((status) => {
          if (!mine) return;
          if (status === REALTIME_SUBSCRIBE_STATES.SUBSCRIBED) {
            live = true;
            joining = false;
            tries = 0;
            setConnection("live");
            look();
          } else lost();
        });
      leave = () => {
        mine = false;
        void supabase().removeChannel(channel);
      };
    };
    const again = () => {
      if (document.hidden) return;
      look();
      rejoin();
    };
    const rejoin = () => {
      if (live || joining) return;
      tries = 0;
      clearTimeout(retry);
      join();
    };
    const away = () => {
      live = false;
      setConnection("offline");
    };
    // A token that was renewed after the old one had run out: the channel has closed meanwhile.
    const { data } = supabase().auth.onAuthStateChange((event) => {
      if (event === "TOKEN_REFRESHED") setTimeout(rejoin, 0);
    });

    join();
    document.addEventListener("visibilitychange", again);
    document.addEventListener("resume", again);
    window.addEventListener("pageshow", again);
    window.addEventListener("online", again);
    window.addEventListener("offline", away);
    return () => {
      ended = true;
      clearTimeout(retry);
      clearTimeout(settled);
      leave();
      data.subscription.unsubscribe();
      document.removeEventListener("visibilitychange", again);
      document.removeEventListener("resume", again);
      window.removeEventListener("pageshow", again);
      window.removeEventListener("online", again);
      window.removeEventListener("offline", away);
    };
  }, [client, round]);

  return connection;
}
