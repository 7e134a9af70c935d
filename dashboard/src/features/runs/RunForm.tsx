import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { constraintsOf, formIssues, isOn, leaveDraft, meaningOf, type RunForm as Form, shortages, toNumber } from "./form";
import { leaveWeeks } from "../../lib/constraints";
import { notify } from "../../lib/notices";
import type { Line } from "../../lib/problem";
import { reread } from "../../lib/reread";
import { isFinal, keys, type Round, type Run } from "../../lib/round";
import { sentence } from "../../lib/supabase";
import { count } from "../../lib/text";
import { Button } from "../../lib/ui/Button";
import { Checkbox, NumberText } from "../../lib/ui/Field";
import { Confirm } from "../../lib/ui/Overlay";
import { RUN_TOPIC } from "./announce";
import { NotStarted, saveYear, startRun, yearChanges } from "./ask";
import { RulePicker } from "./RulePicker";
import { PathwayFields, TermFields } from "./YearFields";

export interface RunFormProps {
  readonly form: Form;
  readonly onChange: (form: Form) => void;
  readonly year: Round;
  readonly lines: readonly Line[] | null;
  readonly runs: readonly Run[];
  readonly onReuse: (run: Run) => void;
  readonly onReset: () => void;
}

/** What to ask the planner for: lines, rules, the year, and how long to search. */
export function RunForm({ form, onChange, year, lines, runs, onReuse, onReset }: RunFormProps) {
  const [asking, setAsking] = useState(false);
  const [refused, setRefused] = useState<NotStarted | null>(null);
  const nLocked = lines?.filter((line) => line.locked).length ?? 0;
  const issues = formIssues(form, year, nLocked);
  const errorAt = (field: string) => issues.find((issue) => issue.field === field)?.message;
  const short = shortages(form, year);
  const live = runs.find((run) => !isFinal(run));
  const last = runs[0];
  const isDraft = year.status === "draft";
  const change = (changed: Partial<Form>) => {
    setRefused(null);
    onChange({ ...form, ...changed });
  };
  const fields = { form, year, issues, onChange: (changed: Form) => change(changed) };
  const applies = leaveWeeks(constraintsOf(form), null);
  return (
    <form
      className="panel form"
      aria-label="Ask for job lines"
      onSubmit={(event) => {
        event.preventDefault();
        if (issues.length === 0 && !live && lines && isDraft) setAsking(true);
      }}
    >
      <header className="panel-head">
        <h2>Ask for job lines</h2>
        <div className="row">
          {last && (
            <Button small onPress={() => onReuse(last)}>
              Take the last run’s settings
            </Button>
          )}
          <Button small kind="quiet" onPress={onReset}>
            Start afresh
          </Button>
        </div>
      </header>
      <section>
        <NumberText
          label="Number of lines"
          value={form.nJobLines}
          error={errorAt("n_job_lines")}
          hint={nLocked > 0 ? `${count(nLocked, "locked line")} included` : "One line for each doctor"}
          onChange={(nJobLines) => change({ nJobLines })}
        />
        {short.map((text) => (
          <p key={text} className="note warn">
            {text} No full set can exist.
          </p>
        ))}
        <Checkbox isSelected={form.allowPartial} onChange={(allowPartial) => change({ allowPartial })}>
          Accept fewer lines if the full number isn’t possible
        </Checkbox>
      </section>
      <section>
        <h3>Rules</h3>
        <RulePicker form={form} onChange={change} issues={issues} positions={year.positions} />
      </section>
      <section>
        <h3>The year</h3>
        <p className="quiet">Terms, leave and pathways belong to the allocation run; changes are saved with it.</p>
        <TermFields {...fields} />
        <NumberText
          label="Weeks of annual leave on each line"
          value={leaveDraft(form, year)}
          placeholder={String(applies)}
          error={errorAt("annual_leave_weeks")}
          hint={isOn(form, "ANNUAL_LEAVE") ? "The rule Annual leave may say otherwise" : `Empty takes the pack’s: ${applies}`}
          onChange={(annualLeaveWeeks) => change({ annualLeaveWeeks })}
        />
        <h4>Pathways</h4>
        <PathwayFields {...fields} />
      </section>
      <section>
        <h3>How long to search</h3>
        <div className="row top">
          <NumberText label="Time limit" unit="seconds" value={form.timeLimit} error={errorAt("options.time_limit_seconds")} hint={minutes(form.timeLimit)} onChange={(timeLimit) => change({ timeLimit })} />
          <NumberText label="Good enough at a gap of" unit="%" placeholder="none" value={form.targetGap} error={errorAt("options.target_gap")} hint="Empty searches on" onChange={(targetGap) => change({ targetGap })} />
          <NumberText label="Seed" value={form.seed} error={errorAt("options.seed")} hint="The same seed gives the same lines" onChange={(seed) => change({ seed })} />
        </div>
      </section>
      <footer className="form-foot">
        <div role="status" className="form-said">
          {refused && (
            <p className="error">
              {refused.message} {refused.issues.map((issue) => `${issue.field}: ${issue.message}`).join(" ")}
            </p>
          )}
          {!refused && issues.length > 0 && (
            <p className="error">{count(issues.length, "field needs", "fields need")} correction: {issues[0]?.message}</p>
          )}
          {!refused && issues.length === 0 && live && <p className="quiet">A run is under way. You can go on preparing the next one.</p>}
        </div>
        <Button kind="primary" type="submit" isDisabled={issues.length > 0 || live !== undefined || lines === null || !isDraft}>
          Generate lines…
        </Button>
      </footer>
      {asking && lines && (
        <Ask
          form={form}
          year={year}
          lines={lines}
          onDone={() => setAsking(false)}
          onRefused={setRefused}
          onSaved={() => onChange({ ...form, terms: null, annualLeaveWeeks: null, pathways: null })}
        />
      )}
    </form>
  );
}

const minutes = (seconds: string): string => {
  const n = toNumber(seconds);
  return n >= 60 ? `that is ${Math.round(n / 6) / 10} min` : "at most";
};

interface AskProps {
  readonly form: Form;
  readonly year: Round;
  readonly lines: readonly Line[];
  readonly onDone: () => void;
  readonly onRefused: (refused: NotStarted) => void;
  readonly onSaved: () => void;
}

/** Says what will be replaced, with counts, before anything is sent. */
function Ask({ form, year, lines, onDone, onRefused, onSaved }: AskProps) {
  const client = useQueryClient();
  const [key] = useState(() => crypto.randomUUID());
  const changes = yearChanges(year, form);
  const locked = lines.filter((line) => line.locked).length;
  const replaced = lines.length - locked;
  const send = useMutation({
    mutationFn: async () => {
      await saveYear(year, form);
      return startRun(year, form, key);
    },
    onSuccess: () => {
      if (changes.length > 0) onSaved();
      notify("info", "The run was asked for", "You may leave this page; the run goes on.", RUN_TOPIC);
    },
    onError: (error) => {
      const refused = error instanceof NotStarted ? error : new NotStarted(sentence(error), 0);
      onRefused(refused);
      notify("bad", "No run was started", refused.message, RUN_TOPIC);
    },
    onSettled: async () => {
      onDone();
      await reread(client, keys.runs(year.id));
      if (changes.length > 0) await reread(client, keys.round(year.id));
    },
  });
  return (
    <Confirm
      title={replaced === 0 ? "Generate lines?" : `Replace ${count(replaced, "line")}?`}
      action={replaced === 0 ? `Generate ${count(meaningOf(form, year).nJobLines, "line")}` : `Replace ${count(replaced, "line")}`}
      busy={send.isPending}
      onConfirm={() => send.mutate()}
      onClose={onDone}
    >
      {replaced === 0 ? (
        <p>There are no lines yet{locked > 0 ? " but locked ones" : ""}, so nothing is replaced.</p>
      ) : (
        <p>
          When the run completes, <strong>{count(replaced, "line")}</strong> of {year.name} will be replaced. They stay
          in the history and can be restored.
        </p>
      )}
      {locked > 0 && <p>{count(locked, "locked line stays", "locked lines stay")} exactly as {locked === 1 ? "it is" : "they are"}.</p>}
      {changes.length > 0 && (
        <>
          <p>First these changes are saved with the allocation run:</p>
          <ul>
            {changes.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </>
      )}
    </Confirm>
  );
}
