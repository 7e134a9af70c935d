import type { Line } from "../../lib/problem";
import { fill } from "../../lib/referee";
import type { Round } from "../../lib/round";
import { count, number } from "../../lib/text";
import { histogram } from "./choose";
import type { Verdicts } from "./useVerdicts";

const WIDTH = 280;
const HEIGHT = 64;

/** Fairness, posts and rules of the whole set at a glance. */
export function Summary({ year, lines, verdicts }: { year: Round; lines: readonly Line[]; verdicts: Verdicts }) {
  return (
    <div className="summary">
      <Fairness lines={lines} />
      <Posts year={year} lines={lines} />
      <RulesMet verdicts={verdicts} />
    </div>
  );
}

function Fairness({ lines }: { lines: readonly Line[] }) {
  const scores = lines.flatMap((line) => (line.score === null ? [] : [line.score]));
  const bars = histogram(scores);
  const most = Math.max(1, ...bars.map((bar) => bar.n));
  if (scores.length === 0) {
    return (
      <section className="card">
        <h2>Fairness</h2>
        <p className="quiet">These lines carry no scores.</p>
      </section>
    );
  }
  const low = Math.min(...scores);
  const high = Math.max(...scores);
  const mean = scores.reduce((a, b) => a + b, 0) / scores.length;
  const text = `Scores from ${number(low)} to ${number(high)}, ${number(Math.round(mean))} on average.`;
  return (
    <section className="card">
      <h2>Fairness</h2>
      <figure className="histogram">
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={text} preserveAspectRatio="none">
          {bars.map((bar, index) => {
            const width = Math.min(WIDTH / bars.length, 48);
            const left = (WIDTH - width * bars.length) / 2;
            const height = (HEIGHT * bar.n) / most;
            return (
              <rect key={bar.from} x={left + index * width + 1} width={width - 2} y={HEIGHT - height} height={height}>
                <title>{`${number(Math.round(bar.from))} to ${number(Math.round(bar.to))}: ${count(bar.n, "line")}`}</title>
              </rect>
            );
          })}
        </svg>
        <figcaption>
          <span>worst {number(low)}</span>
          <span>mean {number(Math.round(mean))}</span>
          <span>best {number(high)}</span>
        </figcaption>
      </figure>
    </section>
  );
}

function Posts({ year, lines }: { year: Round; lines: readonly Line[] }) {
  const filled = fill(year, lines);
  let [funded, met, accredited, used] = [0, 0, 0, 0];
  for (const position of year.positions) {
    position.postsMin.forEach((min, term) => {
      const n = filled.get(position.id)?.[term] ?? 0;
      funded += min;
      met += Math.min(min, n);
      accredited += position.postsMax[term] ?? 0;
      used += n;
    });
  }
  return (
    <section className="card">
      <h2>Posts filled</h2>
      <Meter name="Funded" n={met} of={funded} />
      <Meter name="Accredited" n={used} of={accredited} />
    </section>
  );
}

function Meter({ name, n, of }: { name: string; n: number; of: number }) {
  const share = of === 0 ? 1 : Math.min(1, n / of);
  return (
    <div className="meter-row">
      <span>{name}</span>
      <span className="meter" aria-hidden="true">
        <span className="meter-n" style={{ width: `${100 * share}%` }} />
      </span>
      <span className="meter-text">
        {number(n)} of {number(of)}
      </span>
    </div>
  );
}

function RulesMet({ verdicts }: { verdicts: Verdicts }) {
  const { rules, violations, run } = verdicts;
  const broken = new Map<string, number>();
  for (const { rule } of violations) broken.set(rule, (broken.get(rule) ?? 0) + 1);
  return (
    <section className="card">
      <h2>Rules</h2>
      <p className={broken.size === 0 ? "met-text" : "error"}>
        {broken.size === 0
          ? `All ${count(rules.length, "rule")} met by every line`
          : `${broken.size} of ${count(rules.length, "rule")} broken, ${count(violations.length, "objection")}`}
      </p>
      <p className="quiet">
        {run ? "Checked against the rules of the last completed run." : "Checked against the rules of the allocation run."}
      </p>
    </section>
  );
}
