import {
  Button,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Select as AriaSelect,
  SelectValue,
  Text,
} from "react-aria-components";

export interface Choice {
  readonly id: string;
  readonly label: string;
  readonly note?: string;
}

export interface SelectProps {
  readonly label: string;
  readonly choices: readonly Choice[];
  readonly value: string;
  readonly onChange: (id: string) => void;
  readonly hideLabel?: boolean;
  readonly hint?: string;
  readonly isDisabled?: boolean;
}

/** One of several choices. */
export function Select({ label, choices, value, onChange, hideLabel, hint, isDisabled }: SelectProps) {
  return (
    <AriaSelect
      className="field"
      value={value}
      isDisabled={isDisabled ?? false}
      onChange={(key) => onChange(String(key))}
    >
      <Label className={hideLabel ? "visually-hidden" : "label"}>{label}</Label>
      <Button className="input select">
        <SelectValue className="select-value">
          {({ selectedText }) => selectedText || "Choose…"}
        </SelectValue>
        <span aria-hidden="true" className="chevron" />
      </Button>
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <Popover className="popover">
        <ListBox className="listbox" items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.label} className="option">
              <span>{choice.label}</span>
              {choice.note !== undefined && <span className="option-note">{choice.note}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
