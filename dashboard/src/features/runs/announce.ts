/** Says how a run ended: on the page, as a browser notification, and in the title of a hidden tab. */

import { useEffect, useRef } from "react";
import { count, percent } from "../../lib/text";
import { isFinal, type Run } from "../../lib/round";
import { notify, notifyBrowser, type Tone } from "../../lib/notices";

const TITLE = "Planner";
/** Messages on the run take each other's place. */
export const RUN_TOPIC = "run";

export interface Announcement {
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
}

/** How a run that has ended is told. */
export function announcement(run: Run): Announcement {
  const text = run.message ?? "";
  switch (run.status) {
    case "COMPLETED":
      return run.reason === "stale"
        ? { tone: "warn", title: "The new lines wait as a proposal", text }
        : { tone: "good", title: `${count(linesOf(run), "line")} ready`, text };
    case "INFEASIBLE":
      return { tone: "warn", title: "No legal set of lines exists", text };
    case "CANCELLED":
      return { tone: "info", title: "Cancelled", text };
    default:
      return { tone: "bad", title: "The run failed", text };
  }
}

/** How many lines a completed run made: fewer than asked for, where that was allowed. */
const linesOf = (run: Run): number => run.result_metadata?.statistics?.n_lines ?? run.n_job_lines;

const MARK: Readonly<Record<Tone, string>> = { good: "✓", warn: "!", bad: "✕", info: "–" };

/** The title of the tab while a run is under way. */
export function runningTitle(run: Run): string {
  if (run.status === "PENDING") return `Waiting – ${TITLE}`;
  const { score, bound } = run.progress ?? {};
  if (typeof score !== "number" || typeof bound !== "number") return `Generating – ${TITLE}`;
  return `Generating, ${percent((bound - score) / Math.max(1, Math.abs(bound)))} to go – ${TITLE}`;
}

/** Tell of a run's end once, and only when it was seen before its end. */
export function useAnnouncement(run: Run | null): void {
  const alive = useRef<string | null>(null);
  useEffect(() => {
    if (!run) return;
    if (!isFinal(run)) {
      alive.current = run.id;
      document.title = runningTitle(run);
      return;
    }
    if (alive.current === run.id) {
      const { tone, title, text } = announcement(run);
      notify(tone, title, text, RUN_TOPIC);
      notifyBrowser(title, text, run.id);
      if (document.hidden) document.title = `${MARK[tone]} ${title} – ${TITLE}`;
    }
    alive.current = null;
    if (!document.hidden) document.title = TITLE;
  }, [run]);
  useEffect(() => {
    const seen = () => {
      if (!document.hidden && alive.current === null) document.title = TITLE;
    };
    document.addEventListener("visibilitychange", seen);
    return () => document.removeEventListener("visibilitychange", seen);
  }, []);
}
