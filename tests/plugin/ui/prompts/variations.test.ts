import { expect, test } from "vitest";
import { MAX_VARIATIONS, variationsOf } from "../../../../plugin/ui/prompts/variations.ts";

test.each([
  ["a cat", undefined],
  ["a {cat}", undefined],
  ["a {red|blue} cat", ["a red cat", "a blue cat"]],
  ["a {red|} cat", ["a red cat", "a cat"]],
  ["{a|b} {c|d}", ["a c", "a d", "b c", "b d"]],
])("draws the choices of %j out", (prompt, prompts) => {
  expect(variationsOf(prompt)).toEqual(prompts);
});

test("stops at as many as can be looked at", () => {
  expect(variationsOf("{a|b|c} {d|e|f} {g|h}")).toHaveLength(MAX_VARIATIONS);
});
