import { useState } from "react";
import {
  boundLabel,
  type BoundSchema,
  boundText,
  type CatalogueRule,
  CERTAINTY,
  isOptional,
  isShare,
  packNamed,
  packs,
  plain,
  type Rule,
  rules,
} from "../../lib/catalogue";
import type { Issue } from "../../lib/constraints";
import type { Position } from "../../lib/problem";
import { count, list, title } from "../../lib/text";
import { Button } from "../../lib/ui/Button";
import { Checkbox, NumberText, TextField } from "../../lib/ui/Field";
import { Select } from "../../lib/ui/Select";
import { Badge } from "../../lib/ui/States";
import { defaultDraft, type Draft, draftOf, isOfPack, isOn, type RunForm, switchedOff } from "./form";

export interface RulePickerProps {
  readonly form: RunForm;
  readonly onChange: (form: RunForm) => void;
  readonly issues: readonly Issue[];
  readonly positions: readonly Position[];
}

const NONE = "none";
const CHOICES = [
  { id: NONE, label: "No pack: only the rules chosen below" },
  ...packs.map((pack) => ({ id: pack.name, label: `${pack.name} · ${pack.place}, ${pack.year}` })),
];
/** Brought by the year itself: pathways and locks need no tick. */
const BY_THEMSELVES = ["LOCKED_LINES", "PATHWAY"];

/** The pack of rules of a jurisdiction, and every rule with its bounds. */
export function RulePicker(props: RulePickerProps) {
  const { form, onChange } = props;
  const pack = form.pack === null ? undefined : packNamed(form.pack);
  const off = switchedOff(form);
  const ofPack = rules.filter((rule) => isOfPack(form, rule.name));
  const others = rules.filter((rule) => !isOfPack(form, rule.name) && !BY_THEMSELVES.includes(rule.name));
  return (
    <>
      <Select
        label="Pack"
        choices={CHOICES}
        value={form.pack ?? NONE}
        onChange={(id) => onChange({ ...form, pack: id === NONE ? null : id, rules: keptBounds(form, id) })}
        hint="A pack holds the rules of a jurisdiction for one year of training."
      />
      {pack?.note && <p className="note">{pack.note}</p>}
      {off.length > 0 && pack && (
        <p className="note warn">
          Without {list(off.map(title))} this is no longer {pack.name}: the other rules are asked for one by one.
        </p>
      )}
      {pack && ofPack.length > 0 && <RuleList heading={`Rules of ${pack.name}`} shown={ofPack} {...props} />}
      <RuleList heading="Rules of your own" shown={others} {...props} />
    </>
  );
}

/** Another pack brings its own bounds: what was typed stays only for rules outside both. */
function keptBounds(form: RunForm, next: string): RunForm["rules"] {
  const brought = new Set(packNamed(next)?.rules.map((rule) => rule.name));
  return Object.fromEntries(
    Object.entries(form.rules).filter(([name]) => !isOfPack(form, name) && !brought.has(name)),
  );
}

function RuleList({ heading, shown, ...props }: RulePickerProps & { heading: string; shown: readonly CatalogueRule[] }) {
  return (
    <fieldset className="rules">
      <legend>{heading}</legend>
      {shown.map((rule) => (
        <RuleRow key={rule.name} rule={rule} {...props} />
      ))}
    </fieldset>
  );
}

function RuleRow({ rule, form, onChange, issues, positions }: RulePickerProps & { rule: CatalogueRule }) {
  const [open, setOpen] = useState(false);
  const on = isOn(form, rule.name);
  const pack = form.pack === null ? undefined : packNamed(form.pack);
  const source = pack?.rules.find((own) => own.name === rule.name) ?? rule;
  const set = (changed: { on?: boolean; bounds?: Record<string, Draft> }) =>
    onChange({
      ...form,
      rules: {
        ...form.rules,
        [rule.name]: {
          on: changed.on ?? on,
          bounds: { ...form.rules[rule.name]?.bounds, ...changed.bounds },
        },
      },
    });
  return (
    <div className={`rule${on ? " on" : ""}`}>
      <div className="rule-head">
        <Checkbox isSelected={on} onChange={(selected) => set({ on: selected })}>
          <span className="rule-name">{title(rule.name)}</span>
          <span className="rule-means">{rule.means}</span>
        </Checkbox>
        <Button kind="quiet" small aria-expanded={open} onPress={() => setOpen(!open)}>
          {open ? "Hide source" : "Source"}
          <span className="visually-hidden"> of {title(rule.name)}</span>
        </Button>
      </div>
      {open && <Source rule={source} />}
      {on && Object.keys(rule.schema).length > 0 && (
        <div className="bounds">
          {Object.entries(rule.schema).map(([bound, schema]) => (
            <Bound
              key={bound}
              name={rule.name}
              bound={bound}
              schema={schema}
              draft={draftOf(form, rule.name, bound, schema)}
              standard={defaultDraft(form, rule.name, bound, schema)}
              error={issues.find((issue) => issue.field === `${rule.name}.${bound}`)?.message}
              sites={[...new Set(positions.map((p) => p.site))]}
              onChange={(draft) => set({ bounds: { [bound]: draft } })}
            />
          ))}
        </div>
      )}
    </div>
  );
}

/** Where a rule comes from, and how sure its numbers are. */
export function Source({ rule }: { rule: Rule }) {
  const unsure = rule.certainty === "C" || rule.certainty === "D";
  return (
    <div className="source">
      <p>
        <Badge tone={rule.certainty === null ? "plain" : unsure ? "warn" : "good"}>
          {rule.certainty === null ? "Local rule" : `Certainty ${rule.certainty}`}
        </Badge>{" "}
        {rule.certainty === null ? "no regulator asks for it" : CERTAINTY[rule.certainty]}
      </p>
      <ul>
        {rule.sources.map((source) => (
          <li key={source}>
            {source.startsWith("https://") ? (
              <a href={source} target="_blank" rel="noreferrer">
                {source.replace("https://", "")}
              </a>
            ) : (
              source
            )}
          </li>
        ))}
      </ul>
      {rule.note && <p className="quiet">{rule.note}</p>}
    </div>
  );
}

interface BoundProps {
  readonly name: string;
  readonly bound: string;
  readonly schema: BoundSchema;
  readonly draft: Draft;
  readonly standard: Draft;
  readonly error: string | undefined;
  readonly sites: readonly string[];
  readonly onChange: (draft: Draft) => void;
}

const LEVELS: Readonly<Record<string, string>> = {
  subspecialty: "subspecialty",
  specialty: "specialty",
  none: "any terms count",
};

function Bound({ name, bound, schema, draft, standard, error, sites, onChange }: BoundProps) {
  const label = boundLabel(name, bound);
  const kind = plain(schema);
  const changed = JSON.stringify(draft) !== JSON.stringify(standard);
  const unit = isShare(schema) ? "%" : undefined;
  const usual = `default ${standard === "" ? "not set" : boundText(standard)}${unit && standard !== "" ? " %" : ""}`;
  if (typeof draft === "boolean") {
    return (
      <Checkbox isSelected={draft} onChange={onChange}>
        {label} <span className="quiet">({usual})</span>
      </Checkbox>
    );
  }
  if (kind.enum) {
    const choices = kind.enum.map((id) => ({ id, label: LEVELS[id] ?? id }));
    return <Select label={label} choices={choices} value={draft as string} onChange={onChange} hint={usual} />;
  }
  if (kind.items?.enum) {
    return <Categories label={label} usual={usual} all={kind.items.enum} chosen={draft as readonly string[]} onChange={onChange} />;
  }
  const hint = (
    <>
      {usual}
      {changed && (
        <Button kind="quiet" small onPress={() => onChange(standard)}>
          Reset<span className="visually-hidden"> {label}</span>
        </Button>
      )}
    </>
  );
  const common = { label, hint, error, value: draft as string, onChange };
  if (kind.type === "array") return <TextField {...common} placeholder="5 or 2+3" width="9rem" />;
  if (kind.type === "string") {
    return (
      <>
        <TextField {...common} list={`${name}-sites`} width="14rem" placeholder="each line’s main site" />
        <datalist id={`${name}-sites`}>
          {sites.map((site) => (
            <option key={site} value={site} />
          ))}
        </datalist>
      </>
    );
  }
  return <NumberText {...common} {...(unit ? { unit } : {})} placeholder={isOptional(schema) ? "not set" : ""} />;
}

function Categories(props: {
  label: string;
  usual: string;
  all: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}) {
  const { label, usual, all, chosen, onChange } = props;
  const tick = (one: string, on: boolean) => all.filter((c) => (c === one ? on : chosen.includes(c)));
  return (
    <fieldset className="categories">
      <legend>
        {label} <span className="quiet">({usual}; {count(chosen.length, "category", "categories")} asked for)</span>
      </legend>
      {all.map((one) => (
        <Checkbox key={one} isSelected={chosen.includes(one)} onChange={(on) => onChange(tick(one, on))}>
          {one} · {CATEGORY[one] ?? ""}
        </Checkbox>
      ))}
    </fieldset>
  );
}

export const CATEGORY: Readonly<Record<string, string>> = {
  A: "undifferentiated illness",
  B: "chronic illness",
  C: "acute and critical illness",
  D: "peri-operative, procedural",
};
