/** Log lines: `part | text`, put in order by the orchestrator. */

/** Say one line as one part of the stack. */
export function say(part: string, text: string): void {
  console.log(`${part} | ${text.replaceAll("\n", " ")}`);
}

/** What an error says. */
export function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
