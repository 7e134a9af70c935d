import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { dateTime } from "../../lib/calendar";
import { byId, type Line } from "../../lib/problem";
import type { Round } from "../../lib/round";
import { count } from "../../lib/text";
import { Checkbox } from "../../lib/ui/Field";
import { Failure, Loading } from "../../lib/ui/States";
import { diffLines, diffUnits, nameOf, type Pair, type UnitDiff } from "./diff";
import { type Kept, keptLinesQuery } from "./kept";

/** At most so many rows at once: a comparison is read, not scrolled for ever. */
const MOST = 300;

export interface ComparisonProps {
  readonly year: Round;
  readonly before: Kept;
  /** Null compares with the lines there are now. */
  readonly after: Kept | null;
  readonly now: readonly Line[];
}

/** Two sets side by side, by line and by unit. */
export function Comparison({ year, before, after, now }: ComparisonProps) {
  const then = useQuery(keptLinesQuery(year, before.id));
  const other = useQuery({ ...keptLinesQuery(year, after?.id ?? ""), enabled: after !== null });
  const second = after ? other.data : now;
  const error = then.error ?? other.error;
  if (error) return <Failure what="The set" error={error} onRetry={() => void then.refetch()} />;
  if (!then.data || !second) return <Loading what="The comparison" />;
  const names = [dateTime(before.created_at), after ? dateTime(after.created_at) : "Now"] as const;
  return <SideBySide year={year} before={then.data} after={second} names={names} />;
}

interface SidesProps {
  readonly year: Round;
  readonly before: readonly Line[];
  readonly after: readonly Line[];
  readonly names: readonly [string, string];
}

function SideBySide({ year, before, after, names }: SidesProps) {
  const [all, setAll] = useState(false);
  const pairs = useMemo(() => diffLines(before, after), [before, after]);
  const units = useMemo(() => diffUnits(year, before, after), [year, before, after]);
  const differing = pairs.filter((pair) => pair.kind !== "same");
  const n = (kind: Pair["kind"]) => pairs.filter((pair) => pair.kind === kind).length;
  const parts = [
    `${n("same")} the same`,
    `${n("changed")} changed`,
    n("renamed") > 0 && `${n("renamed")} under another name`,
    `${n("removed")} only on ${names[0]}`,
    `${n("added")} only ${names[1] === "Now" ? "now" : `on ${names[1]}`}`,
  ].filter(Boolean);
  return (
    <section className="panel comparison" aria-labelledby="comparison-title">
      <header className="panel-head">
        <h2 id="comparison-title">
          {names[0]} and {names[1] === "Now" ? "now" : names[1]}
        </h2>
      </header>
      <p className="quiet">{parts.join(" · ")}</p>
      <Tabs>
        <TabList aria-label="Compare" className="tabs small">
          <Tab id="lines" className="tab">
            By line
          </Tab>
          <Tab id="units" className="tab">
            By unit ({units.length})
          </Tab>
        </TabList>
        <TabPanel id="lines">
          <Checkbox isSelected={all} onChange={setAll}>
            Show lines that are the same too
          </Checkbox>
          <PairTable year={year} pairs={all ? pairs : differing} names={names} />
        </TabPanel>
        <TabPanel id="units">
          <UnitTable year={year} units={units} names={names} />
        </TabPanel>
      </Tabs>
    </section>
  );
}

const KIND: Readonly<Record<Pair["kind"], string>> = {
  same: "same",
  changed: "changed",
  renamed: "renamed",
  removed: "gone",
  added: "new",
};

function PairTable({ year, pairs, names }: { year: Round; pairs: readonly Pair[]; names: SidesProps["names"] }) {
  const known = byId(year.positions);
  const unit = (line: Line | null, term: number) => {
    const id = line?.positions[term - 1];
    return id ? (known.get(id)?.name ?? id) : "–";
  };
  if (pairs.length === 0) return <p className="quiet">No line differs.</p>;
  return (
    <div className="scroll" role="region" aria-label="Lines side by side" tabIndex={0}>
      <table className="data diff">
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">Set</th>
            {year.terms.map((term) => (
              <th key={term.number} scope="col">
                Term {term.number}
              </th>
            ))}
            <th scope="col">Leave</th>
          </tr>
        </thead>
        {pairs.slice(0, MOST).map((pair) => {
          const sides = [pair.before, pair.after].flatMap((line, side) => (line ? [{ line, side }] : []));
          const rows = pair.kind === "same" ? sides.slice(1) : sides;
          return (
            <tbody key={`${pair.before?.name ?? ""}/${pair.after?.name ?? ""}`} className={pair.kind}>
              {rows.map(({ line, side }, index) => (
                <tr key={side} className={side === 0 ? "old" : "new"}>
                  {index === 0 && (
                    <th scope="rowgroup" rowSpan={rows.length}>
                      {nameOf(pair)} <span className={`kind ${pair.kind}`}>{KIND[pair.kind]}</span>
                      {pair.kind === "renamed" && <span className="quiet under">was {pair.before?.name}</span>}
                    </th>
                  )}
                  <td className="quiet">{pair.kind === "same" ? "both" : side === 0 ? "before" : names[1] === "Now" ? "now" : "after"}</td>
                  {year.terms.map((term) => (
                    <td key={term.number} className={pair.terms.includes(term.number) ? "differs" : ""}>
                      {unit(line, term.number)}
                    </td>
                  ))}
                  <td className={pair.leaveDiffers ? "differs" : ""}>
                    {line.leave.map((b) => `${b.startWeek}–${b.startWeek + b.weeks - 1}`).join(", ")}
                  </td>
                </tr>
              ))}
            </tbody>
          );
        })}
      </table>
      {pairs.length > MOST && <p className="quiet">And {count(pairs.length - MOST, "line")} more.</p>}
    </div>
  );
}

function UnitTable({ year, units, names }: { year: Round; units: readonly UnitDiff[]; names: SidesProps["names"] }) {
  if (units.length === 0) return <p className="quiet">Every unit has as many people in every term.</p>;
  return (
    <div className="scroll" role="region" aria-label="Units side by side" tabIndex={0}>
      <table className="data diff">
        <caption className="quiet">
          People on each unit: {names[0]} → {names[1]}
        </caption>
        <thead>
          <tr>
            <th scope="col">Unit</th>
            {year.terms.map((term) => (
              <th key={term.number} scope="col">
                Term {term.number}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {units.slice(0, MOST).map((unit) => (
            <tr key={unit.id}>
              <th scope="row">{unit.name}</th>
              {unit.before.map((n, term) => (
                <td key={term} className={n === unit.after[term] ? "quiet" : "differs"}>
                  {n === unit.after[term] ? n : `${n} → ${unit.after[term] ?? 0}`}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
