import { describe, expect, it } from "vitest";
import { packs, rules } from "../../lib/catalogue";
import { constraintIssues, rulesInForce } from "../../lib/constraints";
import type { Round } from "../../lib/round";
import { constraintsOf, formIssues, freshForm, fromConstraints, fromRun, meaningOf, type RunForm } from "./form";
import { changesOf } from "./postChanges";
import { applyRepair } from "./repair";

const unit = (id: string, posts: number) => ({
  id, name: `Unit ${id}`, site: "Main", team: null, specialty: "Medicine", subspecialty: null,
  categories: ["A", "B"], service: null, rural: false, community: false, clinicalTeam: true,
  nonClinical: false, excludable: false, spanTerms: 1, postsMin: [1, 1, 1, 1], postsMax: [posts, posts, posts, posts],
}); // prettier-ignore
const year: Round = {
  id: "r", org: "o", name: "2027", status: "draft", options: {}, nJobLines: null, annualLeaveWeeks: null, pathways: [],
  constraints: ["VIC_PGY2", { name: "MAX_SERVICE_SHARE", max: 0.3 }], termIds: [], positionRows: new Map(),
  terms: [1, 2, 3, 4].map((number) => ({ number, weeks: 13, startsOn: null })),
  positions: [unit("GM", 2), unit("ED", 3)],
}; // prettier-ignore
const form = freshForm(year, 0);
const fields = (changed: Partial<RunForm>, nLocked = 0) =>
  formIssues({ ...form, ...changed }, year, nLocked).map((issue) => issue.field);

describe("the form", () => {
  it("starts from the year's own constraints and its funded posts", () => {
    expect(form.pack).toBe("VIC_PGY2");
    expect(form.nJobLines).toBe("2");
    expect(constraintsOf(form)).toEqual(year.constraints);
    expect(fields({})).toEqual([]);
  });

  it.each(packs.map((pack) => [pack.name]))("gives %s back as it took it", (name) => {
    expect(constraintsOf({ ...form, ...fromConstraints([name]) })).toEqual([name]);
  });

  it.each(rules.map((rule) => [rule.name, rule] as const))("gives %s back with all its bounds", (name, rule) => {
    const constraint = { name, ...rule.bounds };
    const back = constraintsOf({ ...form, ...fromConstraints([constraint]) });
    expect(rulesInForce(back)).toEqual(rulesInForce([constraint]));
    expect(constraintIssues(back)).toEqual([]);
  });

  it("names the other rules one by one when a rule of the pack is switched off", () => {
    const without = { ...form, rules: { MIN_WEEKS: { on: false, bounds: {} } } };
    const names = constraintsOf(without).map((c) => (typeof c === "string" ? c : c.name));
    expect(names).not.toContain("VIC_PGY2");
    expect(names).not.toContain("MIN_WEEKS");
    expect(names).toContain("MIN_TERMS");
    expect(constraintsOf(without).at(-1)).toEqual({ name: "ANNUAL_LEAVE", weeks: 5 });
  });

  it.each([
    ["a number of lines that is none", { nJobLines: "many" }, "n_job_lines"],
    ["a share above the whole", { rules: { MAX_SERVICE_SHARE: { on: true, bounds: { max: "120" } } } }, "MAX_SERVICE_SHARE.max"],
    ["half a term", { rules: { MIN_TERMS: { on: true, bounds: { min: "2.5" } } } }, "MIN_TERMS.min"],
    ["a date that is none", { terms: [1, 2, 3, 4].map(() => ({ weeks: "13", startsOn: "31/02/2027" })) }, "terms[0].starts_on"],
    ["weeks that are no year", { terms: [1, 2, 3, 4].map(() => ({ weeks: "12", startsOn: "" })) }, "terms"],
    ["no time", { timeLimit: "0" }, "options.time_limit_seconds"],
    ["a pathway without units", { pathways: [{ name: "Rural", n_lines: "1", positions: [], specialties: [], strength: "at_least" as const }] }, "pathways[0]"],
    ["splits that miss the leave", { rules: { ANNUAL_LEAVE: { on: true, bounds: { blocks: "2+2" } } } }, "ANNUAL_LEAVE.blocks"],
  ])("objects to %s", (_, changed: Partial<RunForm>, field) => {
    expect(fields(changed)).toContain(field);
  });

  it("wants no fewer lines than are locked", () => {
    expect(fields({ nJobLines: "3" }, 4)).toEqual(["n_job_lines"]);
  });

  it("takes a run's settings back", () => {
    const run = { constraints: ["NSW_PGY1"], options: { time_limit_seconds: 30, target_gap: 0.01 }, n_job_lines: 7 };
    const back = fromRun(form, run as never, year);
    expect(meaningOf(back, year)).toMatchObject({ nJobLines: 7, constraints: ["NSW_PGY1"] });
    expect(back.timeLimit).toBe("30");
    expect(back.targetGap).toBe("1");
  });
});

describe("a repair", () => {
  const repaired = (kind: string, change: Record<string, unknown>) =>
    applyRepair(form, { kind, sentence: "", changes: [change] });

  it("relaxes a bound", () => {
    const changed = repaired("relax", { name: "MAX_SERVICE_SHARE", max: 0.5 });
    expect(constraintsOf(changed)).toContainEqual({ name: "MAX_SERVICE_SHARE", max: 0.5 });
  });

  it("drops a rule", () => {
    const names = constraintsOf(repaired("drop_rule", { name: "MIN_TERMS" })).map((c) => (typeof c === "string" ? c : c.name));
    expect(names).not.toContain("MIN_TERMS");
  });

  it("asks for fewer lines", () => {
    expect(repaired("fewer_lines", { n_job_lines: 1 }).nJobLines).toBe("1");
  });

  it("never puts a change of the year's posts into the form", () => {
    expect(repaired("posts", { position: "GM", term: 2, posts: 1 })).toBe(form);
  });

  it("says what a repair would change of the posts, from what to what", () => {
    const of = (change: Record<string, unknown>) => changesOf({ kind: "posts", sentence: "", changes: [change] }, year);
    expect(of({ position: "GM", term: 2, posts: 1 })).toEqual([{ position: "GM", term: 2, of: "posts_max", from: 2, to: 3 }]);
    expect(of({ position: "GM", term: 2, posts: -1, of: "posts_min" })).toEqual([
      { position: "GM", term: 2, of: "posts_min", from: 1, to: 0 },
    ]);
    expect(of({ position: "nowhere", term: 2, posts: 1 })).toEqual([]);
  });

  it("starts with the round's own number of lines, else the last run's, else enough for the funded posts", () => {
    expect(freshForm({ ...year, nJobLines: 40 }, 36, 38).nJobLines).toBe("40");
    expect(freshForm(year, 36, 38).nJobLines).toBe("38");
    expect(freshForm(year, 36).nJobLines).toBe("36");
    expect(freshForm(year, 0).nJobLines).toBe("2");
  });

  it("leaves the form alone when it does not understand", () => {
    expect(repaired("relax", { name: "NO_SUCH_RULE", max: 1 })).toBe(form);
  });
});
