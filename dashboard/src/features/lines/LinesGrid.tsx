import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { type CSSProperties, type KeyboardEvent, memo, useMemo, useRef, useState } from "react";
import { addDays, date } from "../../lib/calendar";
import { type Tint, tints } from "../../lib/colours";
import { byId, firstWeeks, type Line, type Position, type Term, type Year, yearWeeks } from "../../lib/problem";
import { siteMarks } from "./choose";
import type { Cells } from "./faults";

const ROW = 32;
const HEAD = 52;

export interface LinesGridProps {
  readonly year: Year;
  readonly lines: readonly Line[];
  readonly objectedTo: ReadonlySet<string>;
  readonly cells: Cells;
  readonly onLine: (line: Line) => void;
  readonly onUnit: (position: Position) => void;
  /** Null where one may not change lines. */
  readonly onLock: ((line: Line) => void) | null;
}

/** How the year is laid out over the width: first week and share of each term. */
interface Layout {
  readonly terms: readonly { readonly term: Term; readonly first: number; readonly left: number; readonly width: number }[];
  readonly weeks: number;
  readonly known: ReadonlyMap<string, Position>;
  readonly tint: ReadonlyMap<string, Tint>;
  readonly marks: ReadonlyMap<string, string>;
}

/** The layout of a year, for as long as the year is the same. */
export function useLayout(year: Year): Layout {
  return useMemo(() => {
    const weeks = yearWeeks(year.terms);
    const firsts = firstWeeks(year.terms);
    const marks = siteMarks(year.positions);
    return {
      weeks,
      terms: year.terms.map((term, index) => {
        const first = firsts[index] ?? 1;
        return { term, first, left: (100 * (first - 1)) / weeks, width: (100 * term.weeks) / weeks };
      }),
      known: byId(year.positions),
      tint: tints(year.positions),
      marks: marks.size > 1 ? marks : new Map<string, string>(),
    };
  }, [year]);
}

/** Lines by weeks: each row one year, each block one unit; only rows in sight are drawn. */
export function LinesGrid({ year, lines, objectedTo, cells, onLine, onUnit, onLock }: LinesGridProps) {
  const layout = useLayout(year);
  const scroller = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<{ row: number; column: number }>({ row: 0, column: 0 });
  const row = Math.min(at.row, lines.length - 1);
  const last = year.terms.length;
  // React Compiler is not in use; the virtualiser's functions are not memoised by anyone.
  // eslint-disable-next-line react-hooks/incompatible-library
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 5,
    useFlushSync: false,
    scrollPaddingStart: HEAD,
    scrollMargin: HEAD,
    getItemKey: (index) => lines[index]?.id ?? index,
    rangeExtractor: (range) => [...new Set([row, ...defaultRangeExtractor(range)])].filter((i) => i >= 0),
  });

  const move = (toRow: number, toColumn: number) => {
    const next = Math.max(0, Math.min(lines.length - 1, toRow));
    setAt({ row: next, column: Math.max(0, Math.min(last, toColumn)) });
    rows.scrollToIndex(next, { align: "auto" });
  };
  const open = (line: Line | undefined, column: number) => {
    const unit = layout.known.get(line?.positions[column - 1] ?? "");
    if (column > 0 && unit) onUnit(unit);
    else if (line) onLine(line);
  };
  const page = Math.max(1, Math.floor(((scroller.current?.clientHeight ?? 400) - HEAD) / ROW) - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    const keys: Record<string, () => void> = {
      ArrowDown: () => move(row + 1, at.column),
      ArrowUp: () => move(row - 1, at.column),
      ArrowRight: () => move(row, at.column + 1),
      ArrowLeft: () => move(row, at.column - 1),
      PageDown: () => move(row + page, at.column),
      PageUp: () => move(row - page, at.column),
      Home: () => (event.ctrlKey ? move(0, 0) : move(row, 0)),
      End: () => (event.ctrlKey ? move(lines.length - 1, at.column) : move(row, last)),
      Enter: () => open(lines[row], at.column),
      " ": () => open(lines[row], at.column),
      l: () => {
        const line = lines[row];
        if (line && onLock) onLock(line);
      },
    };
    const act = keys[event.key];
    if (!act || event.altKey || event.metaKey) return;
    event.preventDefault();
    act();
  };

  return (
    <div
      ref={scroller}
      className="lines-grid"
      style={{ height: HEAD + lines.length * ROW + 18 }}
      role="grid"
      tabIndex={0}
      aria-label="Job lines by week"
      aria-rowcount={lines.length + 1}
      aria-colcount={last + 1}
      aria-activedescendant={lines.length > 0 ? `cell-${row}-${at.column}` : undefined}
      onKeyDown={onKeyDown}
    >
      <Head layout={layout} />
      <div
        role="rowgroup"
        className={`grid-body${rows.isScrolling ? " scrolling" : ""}`}
        style={{ height: rows.getTotalSize() }}
      >
        {rows.getVirtualItems().map((item) => {
          const line = lines[item.index];
          return line ? (
            <Row
              key={item.key}
              line={line}
              index={item.index}
              top={item.start - HEAD}
              layout={layout}
              active={item.index === row ? at.column : -1}
              objected={objectedTo.has(line.name)}
              faults={cells.get(line.name)}
              onOpen={(column) => {
                setAt({ row: item.index, column });
                open(line, column);
              }}
              onLock={onLock}
            />
          ) : null;
        })}
      </div>
    </div>
  );
}

function Head({ layout }: { layout: Layout }) {
  const weeks = Array.from({ length: layout.weeks }, (_, index) => index + 1);
  return (
    <div role="rowgroup" className="grid-head">
      <div role="row" aria-rowindex={1} className="grid-row head">
        <div role="columnheader" className="cell-name">
          Line
        </div>
        <div className="cell-year" role="presentation">
          {layout.terms.map(({ term, left, width }) => (
            <div key={term.number} role="columnheader" className="term-head" style={{ left: `${left}%`, width: `${width}%` }}>
              <strong>Term {term.number}</strong>
              <span className="quiet">
                {term.startsOn === null ? (
                  `${term.weeks} weeks`
                ) : (
                  <>
                    {date(term.startsOn)}
                    <span className="term-end"> – {date(addDays(term.startsOn, term.weeks * 7 - 1))}</span>
                  </>
                )}
              </span>
            </div>
          ))}
          <div className="weeks" aria-hidden="true">
            {weeks.map((week) => (
              <span key={week}>{week}</span>
            ))}
          </div>
        </div>
        <div className="cell-score" aria-hidden="true">
          Score
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  readonly line: Line;
  readonly index: number;
  readonly top: number;
  readonly layout: Layout;
  readonly active: number;
  readonly objected: boolean;
  /** Terms at fault, index from 0. */
  readonly faults: ReadonlySet<number> | undefined;
  readonly onOpen: (column: number) => void;
  readonly onLock: ((line: Line) => void) | null;
}

const same = (a: RowProps, b: RowProps): boolean =>
  a.line === b.line &&
  a.index === b.index &&
  a.top === b.top &&
  a.layout === b.layout &&
  a.active === b.active &&
  a.objected === b.objected &&
  a.faults === b.faults;

/** One line; drawn again only when it, its place or its focus changes. */
const Row = memo(function Row({ line, index, top, layout, active, objected, faults, onOpen, onLock }: RowProps) {
  return (
    <div
      role="row"
      aria-rowindex={index + 2}
      className={`grid-row${index % 2 ? " odd" : ""}`}
      style={{ top }}
    >
      <div
        role="gridcell"
        id={`cell-${index}-0`}
        aria-label={told(line, objected)}
        className={`cell-name${active === 0 ? " active" : ""}`}
        onClick={() => onOpen(0)}
      >
        <span
          className={`lock${line.locked ? " on" : ""}${onLock ? " may" : ""}`}
          title={onLock ? (line.locked ? "Unlock" : "Lock") : undefined}
          onClick={(event) => {
            if (!onLock) return;
            event.stopPropagation();
            onLock(line);
          }}
        >
          <LockIcon on={line.locked} />
        </span>
        <span className="line-name">{line.name}</span>
        {objected && <span className="objection" title="A rule objects to this line" />}
      </div>
      <div className="cell-year" role="presentation">
        <Blocks line={line} index={index} layout={layout} active={active} faults={faults} onOpen={onOpen} />
      </div>
      <div className={`cell-score${objected ? " broken" : ""}`} aria-hidden="true" title={objected ? "A rule is broken" : undefined}>
        {line.score ?? ""}
      </div>
    </div>
  );
}, same);

/** What a screen reader says of a line. */
function told(line: Line, objected: boolean): string {
  const parts = [line.name, line.locked && "locked", line.score !== null && `score ${line.score}`, objected && "a rule objects"];
  return parts.filter(Boolean).join(", ");
}

type BlocksProps = Pick<RowProps, "line" | "index" | "layout" | "active" | "faults" | "onOpen">;

/** The units of a line over its weeks, and its leave across them. */
function Blocks({ line, index, layout, active, faults, onOpen }: BlocksProps) {
  return (
    <>
      {layout.terms.map(({ term, first, width }, i) => {
        const position = layout.known.get(line.positions[i] ?? "");
        const tint = position && position.service === null ? layout.tint.get(position.specialty) : undefined;
        const mark = layout.marks.get(position?.site ?? "");
        const name = position?.name ?? line.positions[i] ?? "empty";
        const away = line.leave.filter((b) => b.startWeek < first + term.weeks && b.startWeek + b.weeks > first);
        return (
          <div
            key={term.number}
            role="gridcell"
            id={`cell-${index}-${i + 1}`}
            className={`block${position?.service ? " service" : ""}${faults?.has(i) ? " fault" : ""}${active === i + 1 ? " active" : ""}`}
            style={{ width: `${width}%`, backgroundColor: tint?.soft, ...hatched(away, first, term.weeks) }}
            title={[name, position?.site, faults?.has(i) && "a rule is broken here", ...away.map((block) => `leave from week ${block.startWeek}`)].filter(Boolean).join(" · ")}
            onClick={() => onOpen(i + 1)}
          >
            <span className="unit-name">{name}</span>
            {faults?.has(i) && <span className="visually-hidden">, a rule is broken here</span>}
            {mark !== undefined && <span className="site">{mark}</span>}
          </div>
        );
      })}
    </>
  );
}

/** Leave as hatching along the foot of a block: a background, for an element each would cost frames. */
function hatched(away: Line["leave"], first: number, weeks: number): CSSProperties | undefined {
  if (away.length === 0) return undefined;
  const spans = away.map((block) => {
    const from = Math.max(block.startWeek, first) - first;
    const width = Math.min(block.startWeek + block.weeks - first, weeks) - from;
    // A background's place in percent is of the room that is left beside it.
    return { width: (100 * width) / weeks, left: width < weeks ? (100 * from) / (weeks - width) : 0 };
  });
  return {
    backgroundImage: spans.map(() => "var(--hatching)").join(", "),
    backgroundSize: spans.map(({ width }) => `${width}% 7px`).join(", "),
    backgroundPosition: spans.map(({ left }) => `${left}% 100%`).join(", "),
  };
}

/** A padlock, closed or open. */
export function LockIcon({ on }: { on: boolean }) {
  return (
    <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true">
      <path d={on ? "M5 7V5a3 3 0 0 1 6 0v2" : "M5 7V5a3 3 0 0 1 5.8-1"} fill="none" stroke="currentColor" strokeWidth="1.6" />
      <rect x="3.5" y="7" width="9" height="6.5" rx="1.2" fill="currentColor" />
    </svg>
  );
}
