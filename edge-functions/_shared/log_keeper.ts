/** Sending log rows to the database: those of many requests in one call, and never in their way. */

import type { LogRow } from "./log.ts";

const PAUSE_MS = 150;
const MOST_ROWS = 500;

/** Collects rows for a moment and hands them on together; a row that cannot be sent is let go. */
export class LogKeeper {
  #waiting: LogRow[] = [];
  #sending: Promise<void> | undefined;

  constructor(readonly send: (rows: LogRow[]) => Promise<void>, readonly pauseMs = PAUSE_MS) {}

  /** Take rows; the promise ends when they were sent. */
  keep(rows: LogRow[]): Promise<void> {
    this.#waiting = [...this.#waiting, ...rows].slice(-MOST_ROWS);
    return this.#sending ??= this.#sendSoon();
  }

  async #sendSoon(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.pauseMs));
    const rows = this.#waiting;
    this.#waiting = [];
    this.#sending = undefined;
    await this.send(rows).catch(() => {});
  }
}
