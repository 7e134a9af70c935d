import type { ReactNode } from "react";
import {
  CheckboxButton,
  CheckboxField,
  type CheckboxFieldProps,
  FieldError,
  Input,
  Label,
  Text,
  TextField as AriaTextField,
  type TextFieldProps as AriaTextFieldProps,
} from "react-aria-components";

export interface TextFieldProps extends Omit<AriaTextFieldProps, "className" | "style" | "children"> {
  readonly label: string;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly unit?: string;
  readonly placeholder?: string;
  readonly hideLabel?: boolean;
  readonly width?: string;
  readonly list?: string;
}

/** A line of text with its label, a hint, and what is wrong with it. */
export function TextField(props: TextFieldProps) {
  const { label, hint, error, unit, placeholder, hideLabel, width, list, ...rest } = props;
  return (
    <AriaTextField {...rest} isInvalid={error !== undefined} className="field" validationBehavior="aria">
      <Label className={hideLabel ? "visually-hidden" : "label"}>{label}</Label>
      <span className="input-row">
        <Input className="input" placeholder={placeholder} style={{ width }} list={list} />
        {unit !== undefined && <span className="unit">{unit}</span>}
      </span>
      {hint !== undefined && (
        <Text slot="description" className="hint">
          {hint}
        </Text>
      )}
      <FieldError className="error">{error}</FieldError>
    </AriaTextField>
  );
}

/** A whole number or a decimal typed as text; what was typed is kept as it is. */
export function NumberText(props: TextFieldProps) {
  return <TextField inputMode="decimal" width="6rem" {...props} />;
}

/** A box to tick. */
export function Checkbox({
  children,
  ...props
}: Omit<CheckboxFieldProps, "className" | "style" | "children"> & { children: ReactNode }) {
  return (
    <CheckboxField {...props} className="checkbox-field">
      <CheckboxButton className="checkbox">
        <span className="box" aria-hidden="true">
          <svg viewBox="0 0 16 16" width="12" height="12">
            <path d="M3 8.5l3.2 3.2L13 4.8" fill="none" stroke="currentColor" strokeWidth="2.2" />
          </svg>
        </span>
        <span className="checkbox-text">{children}</span>
      </CheckboxButton>
    </CheckboxField>
  );
}
