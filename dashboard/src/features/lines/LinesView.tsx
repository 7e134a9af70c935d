import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useDeferredValue, useEffect, useMemo, useState } from "react";
import { flushSync } from "react-dom";
import { tints } from "../../lib/colours";
import { download } from "../../lib/csv";
import { notify } from "../../lib/notices";
import { byId, type Line, type Position } from "../../lib/problem";
import { keys, linesQuery, type Round, type Run } from "../../lib/round";
import { dataOf, Refused, sentence, supabase } from "../../lib/supabase";
import { count } from "../../lib/text";
import { Button } from "../../lib/ui/Button";
import { TextField } from "../../lib/ui/Field";
import { Select } from "../../lib/ui/Select";
import { Empty, Failure, Loading } from "../../lib/ui/States";
import { type Choice, chosen, EVERYTHING, siteMarks, type Sort } from "./choose";
import { LineDetails, UnitDetails } from "./Details";
import { LinesGrid } from "./LinesGrid";
import { PrintView } from "./PrintView";
import { Summary } from "./Summary";
import { useVerdicts } from "./useVerdicts";

export interface LinesViewProps {
  readonly year: Round;
  readonly runs: readonly Run[];
  readonly mayPlan: boolean;
  readonly onGenerate: () => void;
}

/** The lines there are now. */
export function LinesView(props: LinesViewProps) {
  const lines = useQuery(linesQuery(props.year));
  if (lines.data && lines.data.length > 0) return <Lines {...props} lines={lines.data} />;
  if (lines.isError) return <Failure what="The lines" error={lines.error} onRetry={() => void lines.refetch()} />;
  if (!lines.data) return <Loading what="The grid of lines" rows={12} />;
  return (
    <Empty
      title="There are no lines yet"
      action={
        props.mayPlan && (
          <Button kind="primary" onPress={props.onGenerate}>
            Ask for job lines
          </Button>
        )
      }
    >
      {props.mayPlan
        ? "Ask the planner for a set; it appears here as soon as it is ready."
        : "A planner of your organisation can generate them. They appear here as soon as they are ready."}
    </Empty>
  );
}

type Shown = { readonly line: string } | { readonly unit: string } | null;

function Lines({ year, runs, mayPlan, lines }: LinesViewProps & { lines: readonly Line[] }) {
  const [choice, setChoice] = useState<Choice>(EVERYTHING);
  const [shown, setShown] = useState<Shown>(null);
  const verdicts = useVerdicts(year, lines, runs);
  const searched = useDeferredValue(choice);
  const visible = useMemo(
    () => chosen(year, lines, searched, verdicts.objectedTo, verdicts.byRule),
    [year, lines, searched, verdicts.objectedTo, verdicts.byRule],
  );
  const lock = useLock(year);
  const onLock = mayPlan ? (line: Line) => lock.mutate(line) : null;
  const line = shown && "line" in shown ? lines.find((one) => one.id === shown.line) : undefined;
  const unit = shown && "unit" in shown ? byId(year.positions).get(shown.unit) : undefined;
  const showLine = (one: Line) => setShown({ line: one.id });
  const showUnit = (one: Position) => setShown({ unit: one.id });
  const set = { year, lines: visible, rules: verdicts.rules, violations: verdicts.violations };
  return (
    <section aria-label="Lines" className="lines-view">
      <Summary
        year={year}
        lines={lines}
        verdicts={verdicts}
        rule={choice.rule}
        onRule={(rule) => setChoice({ ...choice, rule })}
      />
      <Toolbar year={year} choice={choice} onChange={setChoice} shown={visible.length} total={lines.length}>
        <TakeAway name={year.name} set={set} />
      </Toolbar>
      <Legend year={year} />
      <LinesGrid
        year={year}
        lines={visible}
        objectedTo={verdicts.objectedTo}
        cells={verdicts.cells}
        onLine={showLine}
        onUnit={showUnit}
        onLock={onLock}
      />
      {visible.length === 0 && <p className="quiet centre">No line fits. Clear the search or the filters.</p>}
      <p className="quiet keys">
        Arrow keys move, Enter opens a line or a unit{mayPlan ? ", L locks or unlocks" : ""}.
      </p>
      {line && (
        <LineDetails year={year} line={line} verdicts={verdicts} onClose={() => setShown(null)} onUnit={showUnit} onLock={onLock} />
      )}
      {unit && <UnitDetails year={year} position={unit} lines={lines} onClose={() => setShown(null)} onLine={showLine} />}
    </section>
  );
}

/** Lock or unlock at once on the page; back if the server refuses. */
function useLock(year: Round) {
  const client = useQueryClient();
  const key = keys.lines(year.id);
  const put = (line: Line, locked: boolean) =>
    client.setQueryData<Line[]>(key, (old) => old?.map((one) => (one.id === line.id ? { ...one, locked } : one)));
  return useMutation({
    mutationFn: async (line: Line) => {
      const answer = await supabase().from("job_lines").update({ locked: !line.locked }).eq("id", line.id).select("id");
      if (dataOf(answer).length === 0) throw new Refused("The line is not there any more, or you may not change it.", 403);
    },
    onMutate: async (line) => {
      await client.cancelQueries({ queryKey: key });
      put(line, !line.locked);
    },
    onError: (error, line) => {
      put(line, line.locked);
      notify("bad", `${line.name} was not ${line.locked ? "unlocked" : "locked"}`, sentence(error));
    },
    onSettled: () => client.invalidateQueries({ queryKey: key }),
  });
}

interface ToolbarProps {
  readonly year: Round;
  readonly choice: Choice;
  readonly onChange: (choice: Choice) => void;
  readonly shown: number;
  readonly total: number;
  readonly children: ReactNode;
}

const ONLY = [
  { id: "all", label: "All lines" },
  { id: "locked", label: "Locked lines" },
  { id: "objections", label: "Lines a rule objects to" },
];
const SORTS: readonly { id: Sort; label: string }[] = [
  { id: "name", label: "By name" },
  { id: "worst", label: "Worst score first" },
  { id: "best", label: "Best score first" },
];

function Toolbar({ year, choice, onChange, shown, total, children }: ToolbarProps) {
  const areas = [...new Set(year.positions.flatMap((p) => [p.specialty, p.subspecialty]))].filter((a) => a !== null);
  const specialties = [{ id: "", label: "Any specialty" }, ...areas.toSorted().map((id) => ({ id, label: id }))];
  return (
    <div className="toolbar">
      <TextField
        label="Search"
        type="search"
        placeholder="Line, unit, site or specialty"
        value={choice.text}
        onChange={(text) => onChange({ ...choice, text })}
        width="15rem"
      />
      <Select label="Specialty" choices={specialties} value={choice.specialty} onChange={(specialty) => onChange({ ...choice, specialty })} />
      <Select label="Show" choices={ONLY} value={choice.only} onChange={(only) => onChange({ ...choice, only: only as Choice["only"] })} />
      <Select label="Sort" choices={SORTS} value={choice.sort} onChange={(sort) => onChange({ ...choice, sort: sort as Sort })} />
      <span className="quiet shown" role="status">
        {shown === total ? count(total, "line") : `${shown} of ${count(total, "line")}`}
      </span>
      <span className="spacer" />
      {children}
    </div>
  );
}

function TakeAway({ name, set }: { name: string; set: Parameters<typeof PrintView>[0]["set"] }) {
  const [printing, setPrinting] = useState(false);
  const file = `${name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").toLowerCase()}-lines`;
  useEffect(() => {
    const done = () => setPrinting(false);
    window.addEventListener("afterprint", done);
    return () => window.removeEventListener("afterprint", done);
  }, []);
  const take = async (kind: "xlsx" | "csv") => {
    try {
      const { csvOf, workbookOf } = await import("./takeAway");
      download(`${file}.${kind}`, kind === "csv" ? csvOf(set) : await workbookOf(set));
    } catch (error) {
      notify("bad", "The file could not be made", sentence(error));
    }
  };
  return (
    <div className="row">
      <Button small onPress={() => void take("xlsx")}>
        Excel
      </Button>
      <Button small onPress={() => void take("csv")}>
        CSV
      </Button>
      <Button
        small
        onPress={() => {
          flushSync(() => setPrinting(true));
          window.print();
        }}
      >
        Print
      </Button>
      {printing && <PrintView set={set} />}
    </div>
  );
}

function Legend({ year }: { year: Round }) {
  const sites = [...siteMarks(year.positions)];
  return (
    <ul className="legend" aria-label="Legend">
      {[...tints(year.positions)].map(([specialty, tint]) => (
        <li key={specialty}>
          <span className="swatch" style={{ background: tint.soft, borderColor: tint.strong }} /> {specialty}
        </li>
      ))}
      <li>
        <span className="swatch service" /> Service
      </li>
      <li>
        <span className="swatch leave" /> Leave
      </li>
      {sites.length > 1 &&
        sites.map(([site, mark]) => (
          <li key={site}>
            <span className="site">{mark}</span> {site}
          </li>
        ))}
    </ul>
  );
}
