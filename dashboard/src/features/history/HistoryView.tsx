import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { dateTime } from "../../lib/calendar";
import { notify } from "../../lib/notices";
import { reread } from "../../lib/reread";
import { isFinal, keys, linesQuery, type Round, type Run } from "../../lib/round";
import { sentence } from "../../lib/supabase";
import { count } from "../../lib/text";
import { Button } from "../../lib/ui/Button";
import { Confirm } from "../../lib/ui/Overlay";
import { Badge, Empty, Failure, Loading } from "../../lib/ui/States";
import { Comparison } from "./Comparison";
import { historyQuery, type Kept, madeBy, restore, why } from "./kept";

export interface HistoryViewProps {
  readonly year: Round;
  readonly runs: readonly Run[];
  readonly me: string;
  readonly mayPlan: boolean;
}

/** Snapshots and proposals: compare two sets, put one back. */
export function HistoryView({ year, runs, me, mayPlan }: HistoryViewProps) {
  const history = useQuery(historyQuery(year.id));
  const now = useQuery(linesQuery(year));
  const [compared, setCompared] = useState<Kept | null>(null);
  const [against, setAgainst] = useState<Kept | null>(null);
  const [restoring, setRestoring] = useState<Kept | null>(null);
  if (history.isError) {
    return <Failure what="The history" error={history.error} onRetry={() => void history.refetch()} />;
  }
  if (!history.data || !now.data) return <Loading what="The history" />;
  const kept = history.data;
  if (kept.length === 0) {
    return (
      <Empty title="Nothing is kept yet">
        Each run keeps the lines it replaces. The first set appears here when a run completes.
      </Empty>
    );
  }
  const live = runs.some((run) => !isFinal(run));
  const shown = compared ?? kept[0] ?? null;
  return (
    <div className="history">
      <section className="panel kept" aria-labelledby="kept-title">
        <header className="panel-head">
          <h2 id="kept-title">Kept sets</h2>
        </header>
        <p className="quiet">The lines there are now: {count(now.data.length, "line")}. Every set they replaced is kept.</p>
        <ol className="kept-list">
          {kept.map((set) => (
            <li key={set.id} aria-current={shown === set ? "true" : undefined}>
              <div className="row">
                <strong>{dateTime(set.created_at)}</strong>
                <Badge tone={set.kind === "proposal" ? "warn" : "plain"}>{set.kind === "proposal" ? "Proposal" : "Snapshot"}</Badge>
                <span className="quiet">{count(set.n_lines ?? 0, "line")}</span>
              </div>
              <p className="quiet">
                {why(set, runs, kept, dateTime)}. By {madeBy(set, runs, me)}.
              </p>
              <div className="row">
                <Button small kind={shown === set ? "primary" : "plain"} onPress={() => setCompared(set)}>
                  Compare<span className="visually-hidden"> the set of {dateTime(set.created_at)}</span>
                </Button>
                {shown !== set && (
                  <Button small kind={against === set ? "primary" : "plain"} onPress={() => setAgainst(against === set ? null : set)}>
                    {against === set ? "Against this set" : "Compare against"}
                  </Button>
                )}
                {mayPlan && (
                  <Button small isDisabled={live} onPress={() => setRestoring(set)}>
                    Restore…<span className="visually-hidden"> the set of {dateTime(set.created_at)}</span>
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ol>
        {live && <p className="quiet">A run is under way: sets can be restored when it has ended.</p>}
      </section>
      {shown && (
        <Comparison key={`${shown.id} ${against?.id ?? ""}`} year={year} before={shown} after={against === shown ? null : against} now={now.data} />
      )}
      {restoring && <Restore year={year} set={restoring} nNow={now.data.length} nLocked={now.data.filter((l) => l.locked).length} onClose={() => setRestoring(null)} />}
    </div>
  );
}

interface RestoreProps {
  readonly year: Round;
  readonly set: Kept;
  readonly nNow: number;
  readonly nLocked: number;
  readonly onClose: () => void;
}

function Restore({ year, set, nNow, nLocked, onClose }: RestoreProps) {
  const client = useQueryClient();
  const back = useMutation({
    mutationFn: () => restore(set.id),
    onSuccess: ({ outcome, lines }) => {
      if (outcome === "ALREADY") notify("info", "These lines are there already");
      else notify("good", `${count(lines ?? 0, "line")} restored`, "What was there is kept in the history.");
    },
    onError: (error) => notify("bad", "Nothing was restored", sentence(error)),
    onSettled: async () => {
      onClose();
      await reread(client, keys.lines(year.id));
      await reread(client, keys.history(year.id));
    },
  });
  return (
    <Confirm
      title={`Restore ${count(set.n_lines ?? 0, "line")}?`}
      action="Restore"
      busy={back.isPending}
      onConfirm={() => back.mutate()}
      onClose={onClose}
    >
      <p>
        The set of {dateTime(set.created_at)} takes the place of the <strong>{count(nNow, "line")}</strong> there are now.
        Those are kept in the history first.
      </p>
      {nLocked > 0 && <p>{count(nLocked, "locked line stays as it is", "locked lines stay as they are")}.</p>}
      {(set.n_lines ?? 0) === 0 && <p>This set is empty: there were no lines before that run.</p>}
    </Confirm>
  );
}
