/** Dates as Australians write them, and the weeks of a clinical year. ISO dates inside. */

const DAY = 86_400_000;
const PATTERN = /^\s*(\d{1,2})\/(\d{1,2})\/(\d{4})\s*$/;

/** An ISO date or time as DD/MM/YYYY; a time by the clock of the reader. */
export function date(iso: string): string {
  if (/^\d{4}-\d{2}-\d{2}$/.test(iso)) return iso.split("-").reverse().join("/");
  const at = new Date(iso);
  return [at.getDate(), at.getMonth() + 1].map(two).concat(String(at.getFullYear())).join("/");
}

/** A time as DD/MM/YYYY HH:MM by the clock of the reader. */
export function dateTime(iso: string): string {
  const at = new Date(iso);
  return `${date(iso)} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** DD/MM/YYYY as an ISO date, or null when it is none (31/02/2027 is none). */
export function parseDate(text: string): string | null {
  const found = PATTERN.exec(text);
  if (!found) return null;
  const iso = `${found[3] ?? ""}-${two(Number(found[2]))}-${two(Number(found[1]))}`;
  const at = new Date(`${iso}T00:00:00Z`);
  return Number.isNaN(at.getTime()) || at.toISOString().slice(0, 10) !== iso ? null : iso;
}

/** The ISO date so many days later. */
export const addDays = (iso: string, days: number): string =>
  new Date(Date.parse(`${iso}T00:00:00Z`) + days * DAY).toISOString().slice(0, 10);

/** Days from one ISO date to another. */
export const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY);

/** Seconds as 42 s, 3 min 05 s or 1 h 02 min. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
