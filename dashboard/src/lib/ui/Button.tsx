import type { ReactNode } from "react";
import { Button as Aria, type ButtonProps, ToggleButton, type ToggleButtonProps } from "react-aria-components";

type Kind = "primary" | "plain" | "quiet" | "danger";

/** A button; `kind` says how much it wants to be pressed. */
export function Button({
  kind = "plain",
  small = false,
  ...props
}: Omit<ButtonProps, "className" | "style"> & { kind?: Kind; small?: boolean }) {
  return <Aria {...props} className={`button ${kind}${small ? " small" : ""}`} />;
}

/** A button that stays pressed. */
export function Toggle(props: Omit<ToggleButtonProps, "className" | "style"> & { children: ReactNode }) {
  return <ToggleButton {...props} className="button plain small toggle" />;
}
