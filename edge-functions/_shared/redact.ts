/** Nothing secret leaves in a log or an answer, whatever an error message quotes. */

const HIDDEN = "[redacted]";
const PATTERNS: [RegExp, string][] = [
  [/\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g, HIDDEN],
  [/\bsb_(?:secret|publishable)_[\w-]+/g, HIDDEN],
  [/\bya29\.[\w.-]+/g, HIDDEN],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/(:\/\/[^\s/:@]*):[^\s@]+@/g, `$1:${HIDDEN}@`],
  [/\bBearer\s+[^\s"',]+/gi, `Bearer ${HIDDEN}`],
  [
    /\b(password|passwd|api_?key|secret|token|assertion|authorization)(["']?\s*[=:]\s*["']?)[^\s"',;&)}]+/gi,
    `$1$2${HIDDEN}`,
  ],
];

/** The text without keys, tokens and passwords, at most 2,000 characters long. */
export function redact(text: string): string {
  return PATTERNS.reduce((kept, [pattern, instead]) => kept.replace(pattern, instead), text)
    .slice(0, 2_000);
}
