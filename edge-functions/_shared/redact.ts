/** Nothing secret leaves in a log or an answer, whatever an error message quotes. */

// The same list as the runner's (planner_cli/redaction.json); a test holds the two together.
import rules from "./redaction.json" with { type: "json" };

const PATTERNS: [RegExp, string][] = rules.map(({ pattern, instead }) => [
  new RegExp(pattern, "gi"),
  instead,
]);

/** The text without keys, tokens and passwords, at most 2,000 characters long. */
export function redact(text: string): string {
  return PATTERNS.reduce((kept, [pattern, instead]) => kept.replace(pattern, instead), text)
    .slice(0, 2_000);
}
