import { useState } from "react";
import { addDays, date, parseDate } from "../../lib/calendar";
import type { Issue } from "../../lib/constraints";
import type { Strength } from "../../lib/problem";
import type { Round } from "../../lib/round";
import { Button } from "../../lib/ui/Button";
import { NumberText, TextField } from "../../lib/ui/Field";
import { Select } from "../../lib/ui/Select";
import { type PathwayDraft, pathwayDrafts, type RunForm, termDrafts, type TermDraft, toNumber } from "./form";

interface FieldsProps {
  readonly form: RunForm;
  readonly year: Round;
  readonly issues: readonly Issue[];
  readonly onChange: (form: RunForm) => void;
}

const errorAt = (issues: readonly Issue[], field: string): string | undefined =>
  issues.find((issue) => issue.field === field)?.message;

/** The terms of the year: weeks and first days. */
export function TermFields({ form, year, issues, onChange }: FieldsProps) {
  const terms = termDrafts(form, year);
  const set = (index: number, changed: Partial<TermDraft>) =>
    onChange({ ...form, terms: terms.map((term, i) => (i === index ? { ...term, ...changed } : term)) });
  const total = terms.reduce((sum, term) => sum + (toNumber(term.weeks) || 0), 0);
  return (
    <div>
      <table className="terms">
        <caption className="visually-hidden">Terms of the year</caption>
        <thead>
          <tr>
            <th scope="col">Term</th>
            <th scope="col">Weeks</th>
            <th scope="col">First day</th>
            <th scope="col">Last day</th>
          </tr>
        </thead>
        <tbody>
          {terms.map((term, index) => (
            <tr key={index}>
              <th scope="row">{index + 1}</th>
              <td>
                <NumberText
                  label={`Weeks of Term ${index + 1}`}
                  hideLabel
                  width="4rem"
                  value={term.weeks}
                  error={errorAt(issues, `terms[${index}].weeks`)}
                  onChange={(weeks) => set(index, { weeks })}
                />
              </td>
              <td>
                <TextField
                  label={`First day of Term ${index + 1}`}
                  hideLabel
                  width="8rem"
                  placeholder="DD/MM/YYYY"
                  value={term.startsOn}
                  error={errorAt(issues, `terms[${index}].starts_on`)}
                  onChange={(startsOn) => set(index, { startsOn })}
                />
              </td>
              <td className="quiet">{lastDay(term)}</td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">Year</th>
            <td colSpan={3}>{total} weeks</td>
          </tr>
        </tfoot>
      </table>
      <p className="error">{errorAt(issues, "terms")}</p>
      {form.terms !== null && (
        <Button small onPress={() => onChange({ ...form, terms: null })}>
          Back to the saved terms
        </Button>
      )}
    </div>
  );
}

function lastDay(term: TermDraft): string {
  const first = parseDate(term.startsOn);
  const weeks = toNumber(term.weeks);
  return first && weeks > 0 ? date(addDays(first, weeks * 7 - 1)) : "";
}

const STRENGTHS: readonly { id: Strength; label: string }[] = [
  { id: "at_least", label: "at least" },
  { id: "exactly", label: "exactly" },
  { id: "preferred", label: "preferably" },
];

/** Pathways: lines that must hold given units or specialties. */
export function PathwayFields({ form, year, issues, onChange }: FieldsProps) {
  const pathways = pathwayDrafts(form, year);
  const set = (changed: readonly PathwayDraft[]) => onChange({ ...form, pathways: changed });
  const fresh: PathwayDraft = { name: "", n_lines: "1", positions: [], specialties: [], strength: "at_least" };
  return (
    <div className="pathways">
      {pathways.length === 0 && <p className="quiet">No pathway: every line is free to hold any unit.</p>}
      {pathways.map((pathway, index) => (
        <PathwayRow
          key={index}
          index={index}
          pathway={pathway}
          year={year}
          issues={issues}
          onChange={(changed) => set(pathways.map((p, i) => (i === index ? changed : p)))}
          onRemove={() => set(pathways.filter((_, i) => i !== index))}
        />
      ))}
      <Button small onPress={() => set([...pathways, fresh])}>
        Add a pathway
      </Button>
    </div>
  );
}

interface PathwayRowProps {
  readonly index: number;
  readonly pathway: PathwayDraft;
  readonly year: Round;
  readonly issues: readonly Issue[];
  readonly onChange: (pathway: PathwayDraft) => void;
  readonly onRemove: () => void;
}

function PathwayRow({ index, pathway, year, issues, onChange, onRemove }: PathwayRowProps) {
  const field = `pathways[${index}]`;
  const areas = [...new Set(year.positions.flatMap((p) => [p.specialty, p.subspecialty]))].filter((a) => a !== null);
  const names = new Map(year.positions.map((p) => [`${p.id} · ${p.name}`, p.id]));
  return (
    <fieldset className="pathway">
      <legend>Pathway {index + 1}</legend>
      <div className="row">
        <TextField label="Name" value={pathway.name} error={errorAt(issues, `${field}.name`)} onChange={(name) => onChange({ ...pathway, name })} />
        <Select label="How firmly" choices={STRENGTHS} value={pathway.strength} onChange={(s) => onChange({ ...pathway, strength: s as Strength })} />
        <NumberText label="Lines" width="4.5rem" value={pathway.n_lines} error={errorAt(issues, `${field}.n_lines`)} onChange={(n_lines) => onChange({ ...pathway, n_lines })} />
      </div>
      <Words
        label="Units every such line holds"
        chosen={pathway.positions}
        known={names}
        error={errorAt(issues, `${field}.positions`)}
        onChange={(positions) => onChange({ ...pathway, positions })}
      />
      <Words
        label="Specialties every such line sees"
        chosen={pathway.specialties}
        known={new Map(areas.toSorted().map((area) => [area, area]))}
        error={errorAt(issues, `${field}.specialties`)}
        onChange={(specialties) => onChange({ ...pathway, specialties })}
      />
      <p className="error">{errorAt(issues, field)}</p>
      <Button small onPress={onRemove}>
        Remove<span className="visually-hidden"> pathway {index + 1}</span>
      </Button>
    </fieldset>
  );
}

interface WordsProps {
  readonly label: string;
  readonly chosen: readonly string[];
  readonly known: ReadonlyMap<string, string>;
  readonly error: string | undefined;
  readonly onChange: (chosen: readonly string[]) => void;
}

/** Several of many known names: typed with help, taken away one by one. */
function Words({ label, chosen, known, error, onChange }: WordsProps) {
  const [text, setText] = useState("");
  const id = label.replaceAll(" ", "-");
  const take = (typed: string) => {
    const found = known.get(typed) ?? [...known.values()].find((value) => value === typed);
    setText(found === undefined ? typed : "");
    if (found !== undefined && !chosen.includes(found)) onChange([...chosen, found]);
  };
  return (
    <div className="words">
      <TextField label={label} value={text} error={error} list={id} placeholder="Type to choose…" width="18rem" onChange={take} />
      <datalist id={id}>
        {[...known.keys()].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <ul className="tags">
        {chosen.map((word) => (
          <li key={word} className="tag">
            {word}
            <Button kind="quiet" small aria-label={`Remove ${word}`} onPress={() => onChange(chosen.filter((w) => w !== word))}>
              <span aria-hidden="true">✕</span>
            </Button>
          </li>
        ))}
      </ul>
    </div>
  );
}
