/** Where the page is, kept in the address behind `#`, so that static files need no server rules. */

import { useSyncExternalStore } from "react";

export type Tab = "generate" | "lines" | "history";

export interface Place {
  readonly org: string | null;
  readonly round: string | null;
  readonly tab: Tab;
}

const TABS: readonly Tab[] = ["generate", "lines", "history"];

/** `#/org/round/tab` as a place; anything else is the start. */
export function readPlace(hash: string): Place {
  const [org = "", round = "", tab = ""] = hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  return {
    org: org || null,
    round: round || null,
    tab: TABS.find((known) => known === tab) ?? "generate",
  };
}

/** The address of a place. */
export const hashOf = ({ org, round, tab }: Place): string =>
  "#/" + [org, round, round && tab].filter((part) => part !== null).map(encodeURIComponent).join("/");

/** Go to a place. */
export function go(place: Partial<Place>): void {
  window.location.hash = hashOf({ ...readPlace(window.location.hash), ...place });
}

const subscribe = (listener: () => void) => {
  window.addEventListener("hashchange", listener);
  return () => window.removeEventListener("hashchange", listener);
};

/** Where the page is now. */
export const usePlace = (): Place =>
  readPlace(useSyncExternalStore(subscribe, () => window.location.hash));
