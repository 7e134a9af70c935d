/** A repair the planner proposes, put into the form. */

import { ruleNamed } from "../../lib/catalogue";
import type { Bounds, Repair } from "../../lib/problem";
import type { Round } from "../../lib/round";
import { fromConstraints, type PostDraft, type RunForm } from "./form";

type Change = Readonly<Record<string, unknown>>;

/** The form with the repair in it; the same form when nothing in it can be applied. */
export function applyRepair(form: RunForm, repair: Repair, year: Round): RunForm {
  return (repair.changes ?? []).reduce<RunForm>((changed, change) => applied(changed, repair.kind, change, year), form);
}

function applied(form: RunForm, kind: string, change: Change, year: Round): RunForm {
  if (kind === "fewer_lines") {
    const n = change["n_job_lines"];
    return typeof n === "number" ? { ...form, nJobLines: String(n) } : form;
  }
  if (kind === "posts") return withPosts(form, change, year);
  const name = change["name"];
  const rule = typeof name === "string" ? ruleNamed(name) : undefined;
  if (typeof name !== "string" || !rule) return form;
  if (kind === "drop_rule") {
    return { ...form, rules: { ...form.rules, [name]: { on: false, bounds: {} } } };
  }
  const bounds = Object.fromEntries(Object.entries(change).filter(([key]) => key in rule.schema)) as Bounds;
  const relaxed = fromConstraints([{ name, ...bounds }]).rules[name];
  const before = form.rules[name]?.bounds ?? {};
  if (!relaxed) return form;
  return { ...form, rules: { ...form.rules, [name]: { on: true, bounds: { ...before, ...relaxed.bounds } } } };
}

function withPosts(form: RunForm, change: Change, year: Round): RunForm {
  const { position, term, posts } = change;
  const of = change["of"] === "posts_min" ? "posts_min" : "posts_max";
  const known = year.positions.find((p) => p.id === position);
  if (!known || typeof term !== "number" || typeof posts !== "number") return form;
  const there = form.posts.find((post) => post.position === position && post.term === term && post.of === of);
  const now = there?.posts ?? (of === "posts_max" ? known.postsMax : known.postsMin)[term - 1] ?? 0;
  const wanted: PostDraft = { position: known.id, term, posts: Math.max(0, now + posts), of };
  return { ...form, posts: [...form.posts.filter((post) => post !== there), wanted] };
}
