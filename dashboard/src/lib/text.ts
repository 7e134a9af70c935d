/** Numbers and words for people. */

const NUMBER = new Intl.NumberFormat("en-AU");

/** 12345 as 12,345. */
export const number = (value: number): string => NUMBER.format(value);

/** 1 line, 2 lines, 1,200 lines. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${number(n)} ${n === 1 ? one : many}`;

/** 0.1234 as 12.3 %; small gaps keep two digits. */
export const percent = (fraction: number, digits = 1): string =>
  `${(100 * fraction).toFixed(digits)} %`;

/** MAX_SERVICE_SHARE as Maximum service share. */
export function title(name: string): string {
  const words = name.replaceAll("_", " ").toLowerCase().replace(/^max /, "maximum ").replace(/^min /, "minimum ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** One, two and three. */
export function list(words: readonly string[], last = "and"): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} ${last} ${words.at(-1) ?? ""}`;
}
