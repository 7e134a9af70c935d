import { useState } from "react";
import { addDays, date } from "../../lib/calendar";
import { boundsText, CERTAINTY } from "../../lib/catalogue";
import { tints } from "../../lib/colours";
import type { RuleInForce } from "../../lib/constraints";
import { byId, type Line, type Position } from "../../lib/problem";
import { leaveByTerm, lineVerdicts, SET_RULES } from "../../lib/referee";
import { fill } from "../../lib/posts";
import type { Round } from "../../lib/round";
import { count, list, title } from "../../lib/text";
import { Button } from "../../lib/ui/Button";
import { Drawer } from "../../lib/ui/Overlay";
import { Badge } from "../../lib/ui/States";
import { LockIcon } from "./LinesGrid";
import type { Verdicts } from "./useVerdicts";

export interface LineDetailsProps {
  readonly year: Round;
  readonly line: Line;
  readonly verdicts: Verdicts;
  readonly onClose: () => void;
  readonly onUnit: (position: Position) => void;
  readonly onLock: ((line: Line) => void) | null;
}

/** One line in full: its year, and what every rule says of it. */
export function LineDetails({ year, line, verdicts: ofSet, onClose, onUnit, onLock }: LineDetailsProps) {
  const verdicts = lineVerdicts(year, ofSet.rules.filter((rule) => !SET_RULES.includes(rule.name)), line);
  // A line without the shape of one cannot be judged by rules: its empty terms would look legal.
  const shape = ofSet.violations.filter((v) => v.line === line.name && (v.rule === "LINE_SHAPE" || v.rule === "LINE_COUNT"));
  const crowded = ofSet.violations.filter((v) => v.line === null && ofSet.byRule.get(v.rule)?.has(line.name) && heldBy(line, v.message));
  const own = verdicts.filter((verdict) => verdict.violations.length > 0).length;
  const faults = own + shape.length + crowded.length;
  return (
    <Drawer title={line.name} onClose={onClose}>
      <div className="row">
        <Badge tone={faults === 0 ? "good" : "bad"}>
          {faults === 0 ? "Every rule checked here is met" : count(faults, "objection")}
        </Badge>
        <span>Score {line.score ?? "not known"}</span>
        {onLock && (
          <Button small onPress={() => onLock(line)}>
            <LockIcon on={line.locked} /> {line.locked ? "Unlock" : "Lock"}
          </Button>
        )}
      </div>
      <p className="quiet">
        {line.locked ? "Locked: the planner leaves this line exactly as it is." : "A locked line is left as it is by the next run."}
      </p>
      <LineTerms year={year} line={line} onUnit={onUnit} />
      <p>
        Leave:{" "}
        {line.leave.length === 0
          ? "none placed"
          : list(line.leave.map((b) => `weeks ${b.startWeek} to ${b.startWeek + b.weeks - 1}${leaveDates(year, b.startWeek, b.weeks)}`))}
      </p>
      {shape.length + crowded.length > 0 && (
        <>
          <h3>Posts and terms</h3>
          <ul className="plain-list">
            {[...shape, ...crowded].map((violation) => (
              <li key={violation.message} className="error">
                {violation.message}
              </li>
            ))}
          </ul>
        </>
      )}
      <h3>What each rule says</h3>
      <ul className="verdicts">
        {shape.length === 0 && verdicts.map(({ rule, violations }) => (
          <Verdict key={rule.name} rule={rule} messages={violations.map((v) => v.message)} />
        ))}
      </ul>
      {shape.length > 0 && <p className="quiet">Rules are checked once the line is whole.</p>}
      {verdicts.length === 0 && <p className="quiet">No rules apply.</p>}
      {ofSet.unchecked.length > 0 && (
        <p className="quiet">Not checked here: {list(ofSet.unchecked.map(({ name }) => title(name)))}.</p>
      )}
    </Drawer>
  );
}

/** Whether an objection to the set names a unit the line holds in that term. */
function heldBy(line: Line, message: string): boolean {
  const term = Number(/Term (\d+)/.exec(message)?.[1] ?? 0) - 1;
  return message.includes(`(${line.positions[term] ?? ""})`);
}

function leaveDates(year: Round, startWeek: number, weeks: number): string {
  const start = year.terms[0]?.startsOn;
  if (!start) return "";
  return ` (${date(addDays(start, (startWeek - 1) * 7))} – ${date(addDays(start, (startWeek - 1 + weeks) * 7 - 1))})`;
}

function LineTerms({ year, line, onUnit }: Pick<LineDetailsProps, "year" | "line" | "onUnit">) {
  const known = byId(year.positions);
  const tint = tints(year.positions);
  const away = leaveByTerm(year.terms, line.leave);
  return (
    <table className="data">
      <caption className="visually-hidden">The year of {line.name}</caption>
      <thead>
        <tr>
          <th scope="col">Term</th>
          <th scope="col">Unit</th>
          <th scope="col">Site</th>
          <th scope="col">Categories</th>
          <th scope="col">Leave</th>
        </tr>
      </thead>
      <tbody>
        {year.terms.map((term, index) => {
          const position = known.get(line.positions[index] ?? "");
          return (
            <tr key={term.number}>
              <th scope="row">{term.number}</th>
              <td>
                {position ? (
                  <Button kind="quiet" small onPress={() => onUnit(position)}>
                    <span className="swatch" style={{ background: tint.get(position.specialty)?.strong }} />
                    {position.name}
                  </Button>
                ) : (
                  "empty"
                )}
                <span className="quiet under">{position?.service ?? position?.subspecialty ?? position?.specialty}</span>
              </td>
              <td>{position?.site}</td>
              <td>{position?.categories.join(" ")}</td>
              <td>{away[index] ? count(away[index], "week") : ""}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function Verdict({ rule, messages }: { rule: RuleInForce; messages: readonly string[] }) {
  const [open, setOpen] = useState(false);
  const met = messages.length === 0;
  return (
    <li className={met ? "met" : "broken"}>
      <div className="verdict-head">
        <span aria-hidden="true" className="tick">
          {met ? "✓" : "✕"}
        </span>
        <span>
          <strong>{title(rule.name)}</strong> <span className="visually-hidden">{met ? "is met" : "objects"}</span>
          <span className="quiet under">{boundsText(rule) || rule.means}</span>
          {messages.map((message) => (
            <span key={message} className="error under">
              {message}
            </span>
          ))}
        </span>
        <Button kind="quiet" small aria-expanded={open} onPress={() => setOpen(!open)}>
          Source<span className="visually-hidden"> of {title(rule.name)}</span>
        </Button>
      </div>
      {open && <Evidence rule={rule} />}
    </li>
  );
}

function Evidence({ rule }: { rule: RuleInForce }) {
  return (
    <div className="source">
      <p>
        {rule.pack === null ? "Asked for by name. " : `From ${rule.pack}. `}
        {rule.certainty === null ? "A local rule: no regulator asks for it." : `How sure: ${CERTAINTY[rule.certainty] ?? ""}.`}
      </p>
      <ul>
        {rule.sources.map((source) => (
          <li key={source}>
            {source.startsWith("https://") ? (
              <a href={source} target="_blank" rel="noreferrer">
                {source.replace("https://", "")}
              </a>
            ) : (
              source
            )}
          </li>
        ))}
      </ul>
      {rule.note && <p className="quiet">{rule.note}</p>}
    </div>
  );
}

export interface UnitDetailsProps {
  readonly year: Round;
  readonly position: Position;
  readonly lines: readonly Line[];
  readonly onClose: () => void;
  readonly onLine: (line: Line) => void;
}

/** One unit: people against posts in each term, and which lines hold it. */
export function UnitDetails({ year, position, lines, onClose, onLine }: UnitDetailsProps) {
  const filled = fill(year, lines).get(position.id) ?? [];
  const most = Math.max(1, ...position.postsMax, ...filled);
  const holders = lines.filter((line) => line.positions.includes(position.id));
  const facts = [
    position.site,
    position.specialty,
    position.subspecialty,
    position.service && `${position.service} term`,
    position.rural && "rural",
    position.community && "community",
    position.nonClinical && "non-clinical",
  ].filter(Boolean);
  return (
    <Drawer title={position.name} onClose={onClose}>
      <p>{facts.join(" · ")}</p>
      <p className="quiet">
        {position.id} · categories {position.categories.join(", ") || "none"}
      </p>
      <table className="data">
        <caption>People against posts</caption>
        <thead>
          <tr>
            <th scope="col">Term</th>
            <th scope="col">People</th>
            <th scope="col">Funded</th>
            <th scope="col">Accredited</th>
            <th scope="col">
              <span className="visually-hidden">Picture</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {year.terms.map((term, index) => {
            const n = filled[index] ?? 0;
            const min = position.postsMin[index] ?? 0;
            const max = position.postsMax[index] ?? 0;
            return (
              <tr key={term.number}>
                <th scope="row">{term.number}</th>
                <td>
                  {n}{" "}
                  {n > max ? <Badge tone="bad">over</Badge> : n < min ? <Badge tone="warn">{min - n} unfilled</Badge> : null}
                </td>
                <td>{min}</td>
                <td>{max}</td>
                <td aria-hidden="true">
                  {max + n > 0 && (
                    <span className="meter" style={{ width: "8rem" }}>
                      <span className="meter-max" style={{ width: `${(100 * max) / most}%` }} />
                      <span className={`meter-n${n < min ? " low" : n > max ? " over" : ""}`} style={{ width: `${(100 * n) / most}%` }} />
                      <span className="meter-min" style={{ left: `${(100 * min) / most}%` }} />
                    </span>
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <h3>{count(holders.length, "line holds", "lines hold")} it</h3>
      <ul className="tags">
        {holders.slice(0, 200).map((line) => (
          <li key={line.id}>
            <Button small onPress={() => onLine(line)}>
              {line.name}
            </Button>
          </li>
        ))}
      </ul>
      {holders.length > 200 && <p className="quiet">And {holders.length - 200} more.</p>}
    </Drawer>
  );
}
