import type { Line } from "../../lib/problem";
import { fill } from "../../lib/posts";
import { ALWAYS } from "../../lib/shape";
import type { Round } from "../../lib/round";
import { count, number, title } from "../../lib/text";
import { Button } from "../../lib/ui/Button";
import { histogram } from "./choose";
import type { Verdicts } from "./useVerdicts";

const WIDTH = 280;
const HEIGHT = 64;

interface SummaryProps {
  readonly year: Round;
  readonly lines: readonly Line[];
  readonly verdicts: Verdicts;
  /** The rule whose lines alone are shown; empty: none. */
  readonly rule: string;
  readonly onRule: (rule: string) => void;
}

/** Fairness, posts and rules of the whole set at a glance. */
export function Summary({ year, lines, verdicts, rule, onRule }: SummaryProps) {
  return (
    <div className="summary">
      <Fairness lines={lines} />
      <Posts year={year} lines={lines} />
      <RulesMet verdicts={verdicts} rule={rule} onRule={onRule} />
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

const JUDGED: Readonly<Record<Verdicts["judgedBy"], string>> = {
  "the set": "Checked against the rules these lines were made under.",
  "the run": "Checked against the rules of the run that made these lines.",
  "the round": "Checked against the rules of the allocation run: those of these lines were not recorded.",
};

function RulesMet({ verdicts, rule: shown, onRule }: Pick<SummaryProps, "verdicts" | "rule" | "onRule">) {
  const { rules, unchecked, violations, byRule, judgedBy } = verdicts;
  const broken = new Map<string, number>();
  for (const { rule } of violations) broken.set(rule, (broken.get(rule) ?? 0) + 1);
  const n = rules.length + ALWAYS.length;
  return (
    <section className="card" aria-label="Rules">
      <h2>Rules</h2>
      <p className={broken.size === 0 ? "met-text" : "error"}>
        {broken.size === 0
          ? `${count(n, "rule")} checked, all met`
          : `${broken.size} of ${count(n, "rule")} broken, ${count(violations.length, "objection")}`}
      </p>
      {broken.size > 0 && (
        <ul className="broken-rules">
          {[...broken].map(([name, times]) => (
            <li key={name}>
              {(byRule.get(name)?.size ?? 0) > 0 ? (
                <Button small aria-pressed={shown === name} onPress={() => onRule(shown === name ? "" : name)}>
                  {title(name)}: {count(byRule.get(name)?.size ?? 0, "line")}
                </Button>
              ) : (
                <span>
                  {title(name)}: {count(times, "objection")}
                </span>
              )}
            </li>
          ))}
        </ul>
      )}
      {unchecked.length > 0 && (
        <p className="quiet">
          Not checked here:{" "}
          {unchecked.map(({ name, metWhenMade }) => `${title(name)}${metWhenMade ? " (met when these lines were made)" : ""}`).join(", ")}.
        </p>
      )}
      <p className="quiet">{JUDGED[judgedBy]}</p>
    </section>
  );
}
