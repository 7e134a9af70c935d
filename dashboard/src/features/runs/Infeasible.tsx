import { ruleNamed } from "../../lib/catalogue";
import type { Explanation, Repair } from "../../lib/problem";
import { count, title } from "../../lib/text";
import { Button } from "../../lib/ui/Button";

/** Who must approve a change of posts. */
function needs(repair: Repair): string {
  const funded = (repair.changes ?? []).map((change) => change["of"] === "posts_min");
  if (funded.every(Boolean)) return "Finance";
  return funded.some(Boolean) ? "Finance and the accreditor" : "The accreditor";
}

/** Why no set of lines exists, and what would help; `onRepair` is null where one may not plan. */
export function Infeasible({
  explanation,
  onRepair,
  onPropose,
}: {
  explanation: Explanation;
  /** Put into the form what is one's own to change. */
  onRepair: ((repair: Repair) => void) | null;
  /** Propose what somebody else must approve. */
  onPropose: ((repair: Repair) => void) | null;
}) {
  const { sentences, conflict, repairs = [], max_lines: most } = explanation;
  return (
    <div className="infeasible">
      <h3>Why</h3>
      <ul className="plain-list">
        {sentences.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
        {most !== null && <li>{most === 0 ? "No line is possible." : `At most ${count(most, "line")} can be built this way.`}</li>}
      </ul>
      {conflict.length > 0 && (
        <>
          <h3>
            {explanation.conflict_is_minimal === false
              ? "These rules conflict; perhaps not all of them are to blame"
              : "These rules conflict. Relaxing any one of them is enough."}
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
                {repair.kind === "posts"
                  ? onPropose && (
                      <>
                        <span className="quiet">{needs(repair)} must approve this.</span>
                        <Button small onPress={() => onPropose(repair)}>
                          Propose this change
                        </Button>
                      </>
                    )
                  : onRepair && (
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
