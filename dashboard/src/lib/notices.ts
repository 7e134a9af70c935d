/** Short messages at the edge of the page, also as browser notifications while it is out of sight. */

import { useSyncExternalStore } from "react";

export type Tone = "good" | "bad" | "warn" | "info";

export interface Notice {
  readonly id: number;
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
  /** What it is about: a later message on the same takes its place. */
  readonly topic: string;
}

const MOST = 4;
const SECONDS: Readonly<Record<Tone, number>> = { good: 10, info: 8, warn: 20, bad: 30 };
let notices: readonly Notice[] = [];
let next = 1;
const listeners = new Set<() => void>();

function set(changed: readonly Notice[]): void {
  notices = changed;
  for (const listener of listeners) listener();
}

/** Say something; it goes away by itself, bad news last. */
export function notify(tone: Tone, title: string, text = "", topic = ""): void {
  const notice = { id: next++, tone, title, text, topic };
  const others = notices.filter((other) => topic === "" || other.topic !== topic);
  set([...others.slice(1 - MOST), notice]);
  setTimeout(() => dismiss(notice.id), SECONDS[tone] * 1000);
}

/** Take a message away. */
export const dismiss = (id: number): void => set(notices.filter((notice) => notice.id !== id));

/** The messages on the page. */
export const useNotices = (): readonly Notice[] =>
  useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => notices,
  );

/** Tell the browser's user too, when the page is in the background and that is allowed. */
export function notifyBrowser(title: string, body: string, tag: string): void {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  const shown = new Notification(title, { body, tag });
  shown.onclick = () => {
    window.focus();
    shown.close();
  };
}
