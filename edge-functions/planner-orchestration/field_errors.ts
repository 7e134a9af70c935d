/** From zod's issues to a path and a sentence. */

import type { z } from "zod";
import type { FieldError } from "../_shared/problem.ts";

const MOST_ERRORS = 20;

/** Name each field at fault, under the path `root` if the value is part of a larger one. */
export function fieldErrors(error: { issues: z.core.$ZodIssue[] }, root = ""): FieldError[] {
  return error.issues.flatMap((issue) => named(issue, root)).slice(0, MOST_ERRORS);
}

function named(issue: z.core.$ZodIssue, root: string): FieldError[] {
  const field = path(issue.path, root);
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({
      field: path([key], field),
      message: "is not a known field",
    }));
  }
  if (issue.code === "invalid_union") {
    // The only unions are "this or null": the first branch is the one that was meant.
    const branch = issue.errors[0] ?? [];
    const inner = branch.flatMap((deeper) => named(deeper, field));
    if (inner.length > 0) return inner;
  }
  if (issue.code === "invalid_type" && issue.input === undefined) {
    return [{ field: field || "body", message: sentence(issue.message) }];
  }
  return [{ field: field || "body", message: sentence(issue.message) }];
}

function sentence(message: string): string {
  if (message.endsWith("received undefined")) return "is missing";
  return message.charAt(0).toLowerCase() + message.slice(1, 200);
}

function path(parts: PropertyKey[], root: string): string {
  return parts.reduce<string>((text, part) => {
    if (typeof part === "number") return `${text}[${part}]`;
    const name = String(part).slice(0, 60);
    return text === "" ? name : `${text}.${name}`;
  }, root);
}
