import { expect, test } from "vitest";
import { isAskedFor, MAX_VARIATIONS, variationsOf } from "../../../../plugin/ui/prompts/variations.ts";

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

test.each([
  ["a red dog", " a red dog ", true],
  ["a red dog", "a {blue|red} dog", true],
  ["a red dog", "a {blue|green} dog", false],
  ["a red dog", "a dog", false],
])("tells whether “%s” is asked for by “%s”", (prompt, words, isAsked) => {
  expect(isAskedFor(prompt, words)).toBe(isAsked);
});
