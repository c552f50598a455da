import { expect, test } from "vitest";
import { describeProblem, type Fix } from "../../../../../plugin/ui/app/problems/problem.ts";
import { type ErrorCode, errorCodes } from "../../../../../shared/protocol/error-data.ts";

const fixesFor = (code: ErrorCode, source: "reading" | "editing" | "placing", inapplicable: readonly Fix[] = []) =>
  describeProblem({ code, message: "" }, source, new Set(inapplicable)).fixes;

test("offers to repeat what failed for a reason nobody foresaw", () => {
  expect(fixesFor("internal", "reading")).toEqual(["read-again"]);
  expect(fixesFor("internal", "editing")).toEqual(["retry"]);
  expect(fixesFor("internal", "placing")).toEqual(["insert-again"]);
});

test("offers no button where only painting or typing helps", () => {
  expect(fixesFor("empty-mask", "editing")).toEqual([]);
  expect(fixesFor("prompt-too-long", "editing")).toEqual([]);
});

test("always lets a layer be inserted again that Penpot refused", () => {
  for (const code of errorCodes) expect(fixesFor(code, "placing")).toContain("insert-again");
});

test("lets a layer be inserted although the shape shows another picture by now", () => {
  expect(fixesFor("source-changed", "placing")).toEqual(["insert-again", "insert-anyway", "read-again"]);
  expect(fixesFor("source-changed", "reading")).toEqual(["read-again"]);
});

test("leaves out what would change nothing", () => {
  expect(fixesFor("out-of-memory", "editing")).toEqual(["run-in-browser", "retry"]);
  expect(fixesFor("out-of-memory", "editing", ["run-in-browser"])).toEqual(["retry"]);
});
