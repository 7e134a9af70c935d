/** Lines as files: a workbook (its writer is fetched only when asked for) and csv. */

import writeXlsxFile from "write-excel-file/browser";
import { csv } from "../../lib/csv";
import { byId, firstWeeks } from "../../lib/problem";
import { type Cell, type LineSet, sheets } from "./workbook";

/** The workbook as a file. */
export async function workbookOf(set: LineSet): Promise<Blob> {
  return writeXlsxFile(
    sheets(set).map((sheet) => ({
      sheet: sheet.name,
      data: sheet.rows.map((row) => row.map((cell) => (cell === null ? null : written(cell)))),
      columns: sheet.widths.map((width) => ({ width })),
      stickyRowsCount: sheet.frozenRows,
      stickyColumnsCount: sheet.frozenColumns,
      orientation: "landscape" as const,
    })),
  ).toBlob();
}

function written({ value, columns, rows, fill, bold, centred, wrap }: Cell) {
  const empty = value === null || value === "";
  return {
    ...(empty ? {} : typeof value === "number" ? { value, type: Number } : { value, type: String }),
    ...(columns === undefined || columns < 2 ? {} : { columnSpan: columns }),
    ...(rows === undefined ? {} : { rowSpan: rows }),
    ...(fill === undefined ? {} : { backgroundColor: `#${fill}`, borderStyle: "thin" as const, borderColor: "#B8C0C8" }),
    ...(bold ? { fontWeight: "bold" as const } : {}),
    ...(centred ? { align: "center" as const } : {}),
    ...(wrap ? { wrap: true } : {}),
    alignVertical: "center" as const,
  };
}

/** One row for each line: unit, site and leave of every term. */
export function csvOf({ year, lines }: LineSet): string {
  const known = byId(year.positions);
  const firsts = firstWeeks(year.terms);
  const heads = year.terms.flatMap(({ number }) => [`Term ${number}`, `Term ${number} site`, `Term ${number} leave weeks`]);
  return csv([
    ["Line", "Score", "Locked", ...heads],
    ...lines.map((line) => [
      line.name,
      line.score,
      line.locked ? "yes" : "no",
      ...year.terms.flatMap((term, index) => {
        const position = known.get(line.positions[index] ?? "");
        const first = firsts[index] ?? 1;
        const weeks = Array.from({ length: term.weeks }, (_, i) => first + i);
        const away = weeks.filter((w) => line.leave.some((b) => b.startWeek <= w && w < b.startWeek + b.weeks));
        return [position?.name ?? line.positions[index] ?? "", position?.site ?? "", away.join(" ")];
      }),
    ]),
  ]);
}
