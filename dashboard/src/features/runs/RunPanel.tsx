import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { dateTime, duration } from "../../lib/calendar";
import { notify } from "../../lib/notices";
import type { Repair, ResultMetadata } from "../../lib/problem";
import { reread } from "../../lib/reread";
import { isFinal, keys, type Run } from "../../lib/round";
import { sentence } from "../../lib/supabase";
import { count, number, percent } from "../../lib/text";
import { Button } from "../../lib/ui/Button";
import { Confirm } from "../../lib/ui/Overlay";
import { Badge, Banner } from "../../lib/ui/States";
import { announcement } from "./announce";
import { cancelRun } from "./ask";
import { Infeasible } from "./Infeasible";
import { ProgressChart } from "./ProgressChart";
import { useElapsed, useQueuePlace } from "./useRuns";
import type { Connection } from "./watch";

const PHASES: readonly (readonly [phase: string, words: string])[] = [
  ["reading", "Reading the inputs"],
  ["counting", "Counting posts against rules"],
  ["patterns", "Listing the legal patterns"],
  ["bound", "Proving how good a set can be"],
  ["columns", "Choosing patterns"],
  ["integer", "Building whole lines"],
  ["terms", "Placing the terms"],
  ["leave", "Placing annual leave"],
  ["checking", "Checking every line"],
  ["writing", "Writing the lines"],
  ["explaining", "Finding out why there is no set"],
];

export interface RunPanelProps {
  readonly run: Run;
  readonly connection: Connection;
  readonly mayPlan: boolean;
  readonly onShowLines: () => void;
  readonly onShowHistory: () => void;
  readonly onReuse: (run: Run) => void;
  readonly onRepair: (repair: Repair) => void;
  readonly onPropose: (repair: Repair) => void;
}

/** The newest run, whatever its state. */
export function RunPanel(props: RunPanelProps) {
  const { run, connection } = props;
  return (
    <section className="panel run" aria-labelledby="run-title" data-status={run.status}>
      <header className="panel-head">
        <h2 id="run-title">{isFinal(run) ? "Last run" : "This run"}</h2>
        <StatusBadge run={run} />
      </header>
      <p className="quiet run-asked">
        {count(run.n_job_lines, "line")}, asked for on {dateTime(run.created_at)}
      </p>
      {!isFinal(run) && <ConnectionNote connection={connection} />}
      {run.status === "PENDING" && <Waiting run={run} />}
      {run.status === "GENERATING" && <Working run={run} />}
      {isFinal(run) ? <Ended {...props} /> : props.mayPlan && <Cancel run={run} />}
    </section>
  );
}

const STATUS = {
  PENDING: ["plain", "Waiting"],
  GENERATING: ["info", "Generating"],
  COMPLETED: ["good", "Completed"],
  INFEASIBLE: ["warn", "Infeasible"],
  FAILED: ["bad", "Failed"],
  CANCELLED: ["plain", "Cancelled"],
} as const;

/** The state of a run in a word. */
export function StatusBadge({ run }: { run: Run }) {
  const [tone, words] = STATUS[run.status];
  return <Badge tone={tone}>{words}</Badge>;
}

const CONNECTION: Readonly<Record<Connection, string>> = {
  connecting: "Connecting for live updates…",
  live: "Live. You may leave this page; the run goes on.",
  polling: "Live updates are away. The page asks every 2 seconds instead.",
  offline: "You are offline. The run goes on; the page catches up when you are back.",
};

function ConnectionNote({ connection }: { connection: Connection }) {
  return (
    <p className={`connection ${connection}`} role="status">
      {CONNECTION[connection]}
    </p>
  );
}

function Waiting({ run }: { run: Run }) {
  const place = useQueuePlace(run);
  const elapsed = useElapsed(run);
  return (
    <div className="run-body">
      <p>
        {place === null || place <= 1
          ? "Next in the queue: the planner is being started."
          : `Number ${place} in the queue. One run is worked on at a time.`}
      </p>
      <p className="quiet">Waiting for {duration(elapsed)}.</p>
    </div>
  );
}

function Working({ run }: { run: Run }) {
  const elapsed = useElapsed(run);
  const { phase = "reading", score = null, bound = null } = run.progress ?? {};
  const words = PHASES.find(([name]) => name === phase)?.[1] ?? phase;
  const gap = score === null || bound === null || bound < score ? null : (bound - score) / Math.max(1, Math.abs(bound));
  return (
    <div className="run-body">
      <p className="phase" aria-live="polite">
        <span className="pulse" aria-hidden="true" /> {words}
        {run.attempt > 1 && <span className="quiet"> (attempt {run.attempt})</span>}
      </p>
      <dl className="figures">
        <Figure name="Score" value={score === null ? "–" : number(score)} />
        <Figure name="Bound" value={bound === null ? "–" : number(bound)} />
        <Figure name="Gap" value={gap === null ? "–" : percent(gap, 2)} />
        <Figure name="Elapsed" value={duration(elapsed)} />
      </dl>
      <ProgressChart run={run} />
    </div>
  );
}

function Figure({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Cancel({ run }: { run: Run }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const cancel = useMutation({
    mutationFn: () => cancelRun(run.id),
    onError: (error) => notify("bad", "The run was not cancelled", sentence(error)),
    onSuccess: (word) => {
      if (word === "FINAL") notify("info", "The run had ended already");
    },
    onSettled: async () => {
      setAsking(false);
      await reread(client, keys.runs(run.allocation_run));
      await reread(client, keys.run(run.id));
    },
  });
  return (
    <>
      <Button onPress={() => setAsking(true)}>Cancel this run</Button>
      {asking && (
        <Confirm
          title="Cancel this run?"
          action="Cancel the run"
          kind="danger"
          busy={cancel.isPending}
          onConfirm={() => cancel.mutate()}
          onClose={() => setAsking(false)}
        >
          <p>The lines there are stay as they are. What you typed stays in the form.</p>
        </Confirm>
      )}
    </>
  );
}

function Ended({ run, mayPlan, onShowLines, onShowHistory, onReuse, onRepair, onPropose }: RunPanelProps) {
  const { tone, title, text } = announcement(run);
  const result = run.result_metadata;
  const stale = run.reason === "stale";
  const took = run.claimed_at ? (Date.parse(run.finished_at ?? "") - Date.parse(run.claimed_at)) / 1000 : null;
  return (
    <div className="run-body">
      <Banner tone={tone} title={title}>
        <p>{text}</p>
      </Banner>
      {run.status === "COMPLETED" && result && <Result result={result} />}
      {run.status === "INFEASIBLE" && result?.explanation && (
        <Infeasible
          explanation={result.explanation}
          onRepair={mayPlan ? onRepair : null}
          onPropose={mayPlan ? onPropose : null}
        />
      )}
      {run.status === "FAILED" && (
        <p className="quiet">
          The lines there were are untouched, and so is the form: you can try again. Reason: {run.reason}.
        </p>
      )}
      {result?.notes?.map((note) => (
        <p key={note} className="note">
          {note}
        </p>
      ))}
      <p className="quiet">
        Ended on {dateTime(run.finished_at ?? run.created_at)}
        {took === null ? "" : `, after ${duration(took)}`}.
      </p>
      <div className="row">
        {run.status === "COMPLETED" && !stale && (
          <Button kind="primary" onPress={onShowLines}>
            Show the lines
          </Button>
        )}
        {stale && (
          <Button kind="primary" onPress={onShowHistory}>
            Compare the proposal
          </Button>
        )}
        {mayPlan && <Button onPress={() => onReuse(run)}>Reuse settings</Button>}
      </div>
    </div>
  );
}

function Result({ result }: { result: ResultMetadata }) {
  const { score = null, gap = null, statistics, unfilled_posts: unfilled = [] } = result;
  return (
    <>
      <dl className="figures">
        {score !== null && <Figure name="Score" value={number(score)} />}
        {gap !== null && <Figure name="From the best possible" value={percent(gap, 2)} />}
        {statistics && (
          <Figure
            name="Funded posts filled"
            value={`${number(statistics.funded_posts_filled)} of ${number(statistics.funded_posts)}`}
          />
        )}
        {statistics && <Figure name="Worst line" value={number(statistics.floor)} />}
      </dl>
      {score !== null && unfilled.length > 0 && (
        <p className="quiet under">Each funded post left empty takes 1,000 off the score.</p>
      )}
      {unfilled.length > 0 && (
        <details className="more">
          <summary>{count(unfilled.reduce((n, post) => n + post.posts, 0), "funded post")} not filled, and why</summary>
          <ul className="plain-list">
            {unfilled.slice(0, 50).map((post) => (
              <li key={`${post.position} ${post.term}`}>
                {post.position}, Term {post.term}: {count(post.posts, "post")}. {post.reason}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}
