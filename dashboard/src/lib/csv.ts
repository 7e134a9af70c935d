/** Comma-separated values, safe to open in a spreadsheet. */

const BOM = "\ufeff";

/** One table: quoted where needed; texts that a spreadsheet would run as a formula are defused. */
export const csv = (rows: readonly (readonly (string | number | null)[])[]): string =>
  BOM + rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";

function cell(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Hand a file to the browser's downloads. */
export function download(name: string, content: Blob | string, type = "text/csv;charset=utf-8"): void {
  const url = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
