import { expect, test } from "vitest";
import { weightsOf } from "../../../../plugin/ui/prompts/weighted-words.ts";

test.each([
  ["a dog on grass", []],
  [
    "a (red:1.2) dog, [grass]",
    [
      ["red", 1.2],
      ["grass", 0.91],
    ],
  ],
  [
    "(a dog), in the ((snow))",
    [
      ["a dog", 1.1],
      ["snow", 1.21],
    ],
  ],
  ["a \\(round\\) dog", []],
  [
    "(sky:0.5) and (sky:1.5)",
    [
      ["sky", 0.5],
      ["sky", 1.5],
    ],
  ],
])("reads the weights of %s", (prompt, weights) => {
  expect(weightsOf(prompt).map(({ words, weight }) => [words, weight])).toEqual(weights);
});
