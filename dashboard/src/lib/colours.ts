/** A colour for each specialty, the same order and families as `planner demo` uses on a terminal. */

import { FILLS } from "./catalogue";
import type { Position } from "./problem";

/** Hue in degrees (OKLCH) and chroma, in the order of the planner's own palette. */
const PALETTE: readonly (readonly [hue: number, chroma: number])[] = [
  [25, 1], [255, 1], [145, 1], [328, 1], [55, 1], [200, 1], [300, 1], [95, 1],
  [355, 1], [128, 1], [235, 1], [38, 0.6], [180, 1], [315, 0.6], [260, 0.1],
]; // prettier-ignore

/** A unit's colours: solid for text and legend, soft for a cell, as CSS values for each theme. */
export interface Tint {
  readonly soft: string;
  readonly strong: string;
  /** The same family for workbooks and paper, which know no OKLCH. */
  readonly hex: string;
}

const tint = ([hue, chroma]: readonly [number, number], index: number): Tint => ({
  soft: `light-dark(oklch(0.92 ${0.055 * chroma} ${hue}), oklch(0.33 ${0.06 * chroma} ${hue}))`,
  strong: `light-dark(oklch(0.55 ${0.15 * chroma} ${hue}), oklch(0.72 ${0.12 * chroma} ${hue}))`,
  hex: FILLS[index] ?? "E4E6EA",
});

export const SERVICE_FILL = "ECECEC";

/** Give each specialty its tint; service terms have none. */
export function tints(positions: readonly Position[]): ReadonlyMap<string, Tint> {
  const known = new Map<string, Tint>();
  for (const position of positions) {
    if (position.service !== null || known.has(position.specialty)) continue;
    const index = known.size % PALETTE.length;
    known.set(position.specialty, tint(PALETTE[index] ?? [0, 0], index));
  }
  return known;
}
