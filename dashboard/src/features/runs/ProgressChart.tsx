import { useState } from "react";
import type { Run } from "../../lib/round";
import { number } from "../../lib/text";

interface Point {
  readonly seconds: number;
  readonly score: number | null;
  readonly bound: number | null;
}

const WIDTH = 360;
const HEIGHT = 96;
const MOST = 600;

/** The points of one attempt so far: those of another are dropped, repeated ones are not added. */
export function withPoint(points: readonly Point[], run: Run): readonly Point[] {
  const { seconds, score = null, bound = null } = run.progress ?? {};
  if (seconds === undefined || (score === null && bound === null)) return points;
  const last = points.at(-1);
  if (last && last.seconds > seconds) return [{ seconds, score, bound }];
  if (last?.seconds === seconds) return points;
  return [...points.slice(1 - MOST), { seconds, score, bound }];
}

/** Score and bound against time: they meet where nothing better can exist. */
export function ProgressChart({ run }: { run: Run }) {
  const [kept, setKept] = useState<{ id: string; attempt: number; points: readonly Point[] }>({
    id: run.id,
    attempt: run.attempt,
    points: withPoint([], run),
  });
  const same = kept.id === run.id && kept.attempt === run.attempt;
  const points = withPoint(same ? kept.points : [], run);
  if (!same || points !== kept.points) setKept({ id: run.id, attempt: run.attempt, points });

  const values = points.flatMap((p) => [p.score, p.bound]).filter((v) => v !== null);
  const last = points.at(-1);
  const low = Math.min(...values);
  const high = Math.max(...values);
  const x = (s: number) => (s / Math.max(1, last?.seconds ?? 1)) * WIDTH;
  const y = (v: number) => 6 + (HEIGHT - 12) * (high === low ? 0.5 : (high - v) / (high - low));
  const path = (of: "score" | "bound") => steps(points.flatMap((p) => (p[of] === null ? [] : [[x(p.seconds), y(p[of])]])));
  const text =
    last === undefined
      ? "No score and no bound yet."
      : `Score ${last.score === null ? "not known" : number(last.score)}, ` +
        `bound ${last.bound === null ? "not known" : number(last.bound)}.`;
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text} preserveAspectRatio="none">
        <path className="chart-bound" d={path("bound")} />
        <path className="chart-score" d={path("score")} />
      </svg>
      <figcaption>
        <span className="key score">Score</span>
        <span className="key bound">Bound: no set of lines can score more</span>
      </figcaption>
    </figure>
  );
}

/** A stair: each value holds until the next one. */
function steps(at: readonly (readonly number[])[]): string {
  if (at.length === 0) return "";
  const [first, ...others] = at.map(([px = 0, py = 0]) => [px.toFixed(1), py.toFixed(1)]);
  const start = at.length === 1 ? `M0,${first?.[1]}H${first?.[0]}` : `M${first?.[0]},${first?.[1]}`;
  return start + others.map(([px, py]) => `H${px}V${py}`).join("");
}
