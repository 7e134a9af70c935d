/** Logs: one JSON line each on the function's own output, and a row in `system_logs`. */

import { redact } from "./redact.ts";

export type Level = "INFO" | "WARNING" | "ERROR";

/** What a log line tells beside its sentence. */
export interface LogContext {
  run?: string;
  [field: string]: string | number | boolean | null | undefined;
}

/** A row of `system_logs` as `planner_log` takes it. */
export interface LogRow {
  created_at: string;
  level: Level;
  source: string;
  run?: string;
  message: string;
  context: Record<string, unknown>;
}

/** The log of one request. */
export class Log {
  readonly rows: LogRow[] = [];

  constructor(readonly source: string, readonly requestId: string) {}

  info(message: string, context: LogContext = {}): void {
    this.#add("INFO", message, context);
  }

  warning(message: string, context: LogContext = {}): void {
    this.#add("WARNING", message, context);
  }

  error(message: string, context: LogContext = {}): void {
    this.#add("ERROR", message, context);
  }

  /** Say something that only operators may read: on the function's own output, in no row. */
  operators(message: string, context: LogContext = {}): void {
    const { run, ...more } = context;
    console.log(JSON.stringify(this.#row("INFO", message, run, more)));
  }

  #add(level: Level, message: string, { run, ...context }: LogContext): void {
    const row = this.#row(level, message, run, context);
    this.rows.push(row);
    console.log(JSON.stringify(row));
  }

  #row(level: Level, message: string, run: string | undefined, context: LogContext): LogRow {
    const cleaned = Object.entries({ ...context, request_id: this.requestId })
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [name, typeof value === "string" ? redact(value) : value]);
    return {
      created_at: new Date().toISOString(),
      level,
      source: this.source,
      ...(run === undefined ? {} : { run }),
      message: redact(message),
      context: Object.fromEntries(cleaned),
    };
  }
}
