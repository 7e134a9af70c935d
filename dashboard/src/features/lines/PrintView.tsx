import { createPortal } from "react-dom";
import { date } from "../../lib/calendar";
import { SERVICE_FILL, tints } from "../../lib/colours";
import { byId } from "../../lib/problem";
import { leaveByTerm } from "../../lib/referee";
import type { LineSet } from "./workbook";

/** Every line as a plain table, for paper; on the screen it is not seen. */
export function PrintView({ set }: { set: LineSet }) {
  const { year, lines } = set;
  const known = byId(year.positions);
  const tint = tints(year.positions);
  return createPortal(
    <section className="print-only">
      <h1>
        {year.name}: {lines.length} lines
      </h1>
      <table>
        <thead>
          <tr>
            <th>Line</th>
            {year.terms.map((term) => (
              <th key={term.number}>
                Term {term.number}, {term.weeks} weeks
                {term.startsOn !== null && <small> from {date(term.startsOn)}</small>}
              </th>
            ))}
            <th>Score</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => {
            const away = leaveByTerm(year.terms, line.leave);
            return (
              <tr key={line.id}>
                <th>
                  {line.name}
                  {line.locked && " (locked)"}
                </th>
                {year.terms.map((term, index) => {
                  const position = known.get(line.positions[index] ?? "");
                  const colour = position?.service ? SERVICE_FILL : tint.get(position?.specialty ?? "")?.hex;
                  return (
                    <td key={term.number} style={{ background: `#${colour ?? "fff"}` }}>
                      {position?.name ?? line.positions[index]}
                      <small>
                        {[position?.categories.join(" "), position?.site, away[index] && `${away[index]} wk leave`].filter(Boolean).join(" · ")}
                      </small>
                    </td>
                  );
                })}
                <td>{line.score}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>,
    document.body,
  );
}
