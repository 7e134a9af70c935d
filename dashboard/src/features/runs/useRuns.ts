import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { isFinal, rank, type Run, runQuery, runsQuery } from "../../lib/round";
import { dataOf, supabase } from "../../lib/supabase";
import { type Connection, lookEvery } from "./watch";

/** The runs of an allocation run and the newest one with its result, both kept from moving back. */
export function useRuns(round: string, connection: Connection) {
  const runs = useQuery({
    ...runsQuery(round),
    // A hidden page tells of the end of a run in its title: it goes on asking.
    refetchIntervalInBackground: true,
    refetchInterval: ({ state }) => lookEvery(connection, state.data?.some((run) => !isFinal(run)) ?? false),
  });
  const newest = runs.data?.[0];
  const latest = useQuery({
    ...runQuery(newest?.id ?? ""),
    enabled: newest !== undefined,
    placeholderData: keepPreviousData,
    refetchIntervalInBackground: true,
    refetchInterval: ({ state }) => lookEvery(connection, state.data !== undefined && !isFinal(state.data)),
  });
  // Two requests answer in any order: what is shown is the later of the two readings.
  const row = latest.data?.id === newest?.id ? latest.data : undefined;
  const run = newest && row && rank(newest.status) > rank(row.status) ? newest : (row ?? newest);
  return { runs, run: run ?? null, rowIsRead: row !== undefined && run === row };
}

/** The place of a waiting run in the queue, from 1; null when it does not wait. */
export function useQueuePlace(run: Run): number | null {
  const { data } = useQuery({
    queryKey: ["queue", run.id],
    queryFn: async () => dataOf(await supabase().rpc("planner_queue_position", { p_run: run.id })),
    enabled: run.status === "PENDING",
    refetchInterval: 5_000,
  });
  return data ?? null;
}

/** Seconds a run has been worked on: the database's clock until the last beat, ours since then. */
export function useElapsed(run: Run): number {
  const [since, setSince] = useState({ run, seconds: 0 });
  const live = !isFinal(run);
  useEffect(() => {
    const read = performance.now();
    const tick = () => setSince({ run, seconds: (performance.now() - read) / 1000 });
    if (!live) return;
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [run, live]);
  const from = Date.parse(run.claimed_at ?? run.created_at);
  const until = Date.parse(run.finished_at ?? run.heartbeat_at ?? run.created_at);
  return Math.max(0, (until - from) / 1000) + (live && since.run === run ? since.seconds : 0);
}
