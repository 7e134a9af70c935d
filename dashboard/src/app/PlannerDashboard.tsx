import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useAnnouncement } from "../features/runs/announce";
import { freshForm, fromRun, type RunForm as Form } from "../features/runs/form";
import { RunForm } from "../features/runs/RunForm";
import { RunPanel, StatusBadge } from "../features/runs/RunPanel";
import { PostChanges } from "../features/runs/PostChanges";
import { changesOf, postChangesKey, proposeChange } from "../features/runs/postChanges";
import { applyRepair } from "../features/runs/repair";
import { useRuns } from "../features/runs/useRuns";
import { useWatch } from "../features/runs/watch";
import { notify } from "../lib/notices";
import type { Repair } from "../lib/problem";
import { go, type Tab } from "../lib/route";
import { isFinal, keys, linesQuery, type Round, roundQuery, type Run } from "../lib/round";
import { reread } from "../lib/reread";
import { store, stored } from "../lib/stored";
import { Refused, sentence } from "../lib/supabase";
import { Button } from "../lib/ui/Button";
import { Banner, Empty, Failure, Loading } from "../lib/ui/States";
import type { Organisation } from "./places";

const LinesView = lazy(() => import("../features/lines/LinesView").then((m) => ({ default: m.LinesView })));
const HistoryView = lazy(() => import("../features/history/HistoryView").then((m) => ({ default: m.HistoryView })));

export interface PlannerDashboardProps {
  readonly round: string;
  readonly tab: Tab;
  readonly user: string;
  readonly org: Organisation;
}

/** One allocation run: ask, watch, understand, compare, undo. */
export function PlannerDashboard(props: PlannerDashboardProps) {
  const year = useQuery(roundQuery(props.round));
  if (year.data && year.data.org !== props.org.id) return <Empty title="This allocation run belongs to another organisation" />;
  if (year.data) return <Planning {...props} year={year.data} />;
  if (year.isError) return <Failure what="The allocation run" error={year.error} onRetry={() => void year.refetch()} />;
  return <Loading what="The allocation run" rows={10} />;
}

const TABS: readonly (readonly [Tab, string])[] = [
  ["generate", "Generate"],
  ["lines", "Lines"],
  ["history", "History"],
];

function Planning({ tab, user, org, year }: PlannerDashboardProps & { year: Round }) {
  const connection = useWatch(year.id);
  const { runs, run, rowIsRead } = useRuns(year.id, connection);
  const lines = useQuery(linesQuery(year));
  useAnnouncement(rowIsRead ? run : null);
  useFreshLines(year.id, run);
  const lastRun = runs.data ? (runs.data[0]?.n_job_lines ?? null) : runs.isError ? null : undefined;
  const [form, setForm] = useForm(year, user, lines.data?.length ?? (lines.isError ? 0 : null), lastRun);
  const mayPlan = org.role === "planner" || org.role === "admin";
  const reuse = (old: Run) => {
    if (!form) return;
    setForm(fromRun(form, old, year));
    notify("info", "The form holds that run’s settings");
  };
  const repair = (wanted: Repair) => {
    if (!form) return;
    const repaired = applyRepair(form, wanted);
    if (repaired === form) notify("warn", "This repair cannot be put into the form", wanted.sentence);
    else {
      setForm(repaired);
      notify("good", "The repair is in the form", wanted.sentence);
    }
  };
  const propose = useProposal(year);
  return (
    <>
      <nav className="tabs" aria-label="Parts of the page">
        {TABS.map(([id, label]) => (
          <a key={id} className="tab" href={`#/${org.id}/${year.id}/${id}`} aria-current={tab === id ? "page" : undefined}>
            {label}
            {id === "generate" && run && !isFinal(run) && <StatusBadge run={run} />}
            {id === "lines" && lines.data && lines.data.length > 0 && <span className="badge plain">{lines.data.length}</span>}
          </a>
        ))}
        <span className="spacer" />
        <AllowNotices />
      </nav>
      {year.status !== "draft" && (
        <Banner tone="warn" title={`${year.name} is ${year.status}`}>
          <p>Lines are generated and restored only for drafts. Set the allocation run back to draft first.</p>
        </Banner>
      )}
      <Suspense fallback={<Loading what="This part" rows={8} />}>
        {tab === "generate" && (
          <div className="generate">
            {mayPlan ? (
              form === null ? (
                <Loading what="The form" rows={12} />
              ) : (
                <RunForm
                  form={form}
                  onChange={setForm}
                  year={year}
                  lines={lines.data ?? null}
                  runs={runs.data ?? []}
                  onReuse={reuse}
                  onReset={() => setForm(freshForm(year, lines.data?.length ?? 0, runs.data?.[0]?.n_job_lines ?? null))}
                />
              )
            ) : (
              <Banner tone="info" title="You may look, but not generate">
                <p>
                  Your role in {org.name} is {org.role}. Ask an administrator for the planner role if you build the lines.
                </p>
              </Banner>
            )}
            {run ? (
              <RunPanel
                run={run}
                connection={connection}
                mayPlan={mayPlan}
                onShowLines={() => go({ tab: "lines" })}
                onShowHistory={() => go({ tab: "history" })}
                onReuse={reuse}
                onRepair={repair}
                onPropose={(wanted) => propose.mutate(wanted)}
              />
            ) : (
              <NoRun known={runs.isSuccess} />
            )}
            <PostChanges round={year.id} mayPlan={mayPlan} />
            {runs.isError && <Failure what="The runs" error={runs.error} onRetry={() => void runs.refetch()} />}
          </div>
        )}
        {tab === "lines" && (
          <LinesView year={year} runs={runs.data ?? []} mayPlan={mayPlan} onGenerate={() => go({ tab: "generate" })} />
        )}
        {tab === "history" && <HistoryView year={year} runs={runs.data ?? []} me={user} mayPlan={mayPlan} />}
      </Suspense>
    </>
  );
}

/** Keep a repair that changes posts as a proposal, for whoever must approve it. */
function useProposal(year: Round) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (wanted: Repair) => {
      const changes = changesOf(wanted, year);
      if (changes.length === 0) throw new Refused("The units of this repair are not in the year any more.", 409);
      await proposeChange(year.id, changes);
    },
    onSuccess: () => notify("good", "The change is proposed", "Nothing is changed until somebody approves it."),
    onError: (error) => notify("bad", "The change was not proposed", sentence(error)),
    onSettled: () => reread(client, postChangesKey(year.id)),
  });
}

/** The place of the run before there is one. */
function NoRun({ known }: { known: boolean }) {
  return (
    <section className="panel run" aria-labelledby="run-title" data-status="none">
      <h2 id="run-title">{known ? "No run yet" : "Runs"}</h2>
      {known ? (
        <p className="quiet">
          Ask for lines, and the planner works on them in the background: you see how far it is here, and may leave the
          page meanwhile.
        </p>
      ) : (
        <Loading what="The last run" rows={4} />
      )}
    </section>
  );
}

/** The form, kept in this browser at every change, for this person and this allocation run. */
function useForm(
  year: Round,
  user: string,
  nLines: number | null,
  lastRun: number | null | undefined,
): readonly [Form | null, (form: Form) => void] {
  const key = `form.${user}.${year.id}`;
  const [form, setForm] = useState<Form | null>(() => stored(key) as Form | null);
  if (form === null && nLines !== null && lastRun !== undefined) setForm(freshForm(year, nLines, lastRun));
  const change = (changed: Form) => {
    store(key, changed);
    setForm(changed);
  };
  return [form, change];
}

/** Lines read so short a time ago, in ms, are being drawn. */
const DRAWN = 500;

/** When a run has ended, what it wrote is read again, whichever way the page learnt of it. */
function useFreshLines(round: string, run: Run | null): void {
  const client = useQueryClient();
  const seen = useRef<string | null>(null);
  const state = run && `${run.id} ${run.status}`;
  useEffect(() => {
    if (state === null) return;
    const changed = seen.current !== null && seen.current !== state;
    seen.current = state;
    if (!changed) return;
    // The event that told of it may have had the lines read already: they are drawn first then.
    const read = client.getQueryState(keys.lines(round));
    const drawing = read?.fetchStatus === "fetching" || Date.now() - (read?.dataUpdatedAt ?? 0) < DRAWN;
    const timer = setTimeout(
      () => {
        void reread(client, keys.lines(round));
        void reread(client, keys.history(round));
      },
      drawing ? DRAWN : 0,
    );
    return () => clearTimeout(timer);
  }, [client, round, state]);
}

/** Offers browser notifications, once, to those who have not decided. */
function AllowNotices() {
  const [asked, setAsked] = useState(() => !("Notification" in window) || Notification.permission !== "default");
  if (asked) return null;
  return (
    <Button small kind="quiet" onPress={() => void Notification.requestPermission().then(() => setAsked(true))}>
      Notify me when a run ends
    </Button>
  );
}
