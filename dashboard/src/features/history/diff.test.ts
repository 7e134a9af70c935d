import { describe, expect, it } from "vitest";
import type { Line } from "../../lib/problem";
import { diffLines, nameOf } from "./diff";

const line = (name: string, positions: string[], leave = 10): Line => ({
  id: name, name, positions, score: 1, locked: false, leave: [{ startWeek: leave, weeks: 5 }],
}); // prettier-ignore
const kinds = (before: Line[], after: Line[]) => diffLines(before, after).map((p) => [nameOf(p), p.kind, p.terms]);

describe("the difference of two sets", () => {
  it("is nothing between a set and itself", () => {
    const set = [line("L1", ["GM", "ED"]), line("L2", ["ED", "GM"])];
    expect(diffLines(set, set).every((pair) => pair.kind === "same")).toBe(true);
  });

  it("names the terms in which a line differs", () => {
    expect(kinds([line("L1", ["GM", "ED", "IC"])], [line("L1", ["GM", "IC", "ED"])])).toEqual([["L1", "changed", [2, 3]]]);
  });

  it("sees leave that moved", () => {
    expect(diffLines([line("L1", ["GM"])], [line("L1", ["GM"], 20)])[0]).toMatchObject({ kind: "changed", leaveDiffers: true });
  });

  it("knows a year again under another name", () => {
    expect(kinds([line("L1", ["GM"])], [line("L9", ["GM"])])).toEqual([["L9", "renamed", []]]);
  });

  it("tells lines that went from lines that came", () => {
    expect(kinds([line("L1", ["GM"])], [line("L2", ["ED"])])).toEqual([["L1", "removed", []], ["L2", "added", []]]);
  });

  it("orders L2 before L10", () => {
    const set = [line("L10", ["GM"]), line("L2", ["ED"])];
    expect(diffLines(set, set).map(nameOf)).toEqual(["L2", "L10"]);
  });
});
