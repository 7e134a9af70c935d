import { ruleNamed } from "../../lib/catalogue";
import type { Explanation, Repair } from "../../lib/problem";
import { count, title } from "../../lib/text";
import { Button } from "../../lib/ui/Button";

/** Why no set of lines exists, and what would help; `onRepair` is null where one may not plan. */
export function Infeasible({
  explanation,
  onRepair,
}: {
  explanation: Explanation;
  onRepair: ((repair: Repair) => void) | null;
}) {
  const { sentences, conflict, repairs = [], max_lines: most } = explanation;
  return (
    <div className="infeasible">
      <h3>Why</h3>
      <ul className="plain-list">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
        {most !== null && <li>At most {count(most, "line")} can be built this way.</li>}
      </ul>
      {conflict.length > 0 && (
        <>
          <h3>
            {explanation.conflict_is_minimal === false
              ? "These cannot all hold"
              : "These cannot hold together; without any one of them a set exists"}
          </h3>
          <ul className="conflict">
            {conflict.map((name) => (
              <li key={name}>
                <strong>{title(name)}</strong>
                <span className="quiet">{ruleNamed(name)?.means ?? ""}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {repairs.length > 0 && (
        <>
          <h3>What would help</h3>
          <ul className="repairs">
            {repairs.map((repair) => (
              <li key={repair.sentence}>
                <span>{repair.sentence}</span>
                {onRepair && (
                  <Button small kind="primary" onPress={() => onRepair(repair)}>
                    Put into the form
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
