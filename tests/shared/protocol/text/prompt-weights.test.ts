import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_WEIGHT, parsePromptWeights } from "../../../../shared/protocol/text/prompt-weights.ts";

describe("weights in prompts", () => {
  // The first block are the examples `parse_prompt_attention` documents in diffusers' lpw_stable_diffusion.
  it.each<readonly [string, readonly (readonly [string, number])[]]>([
    ["normal text", [["normal text", 1]]],
    [
      "an (important) word",
      [
        ["an ", 1],
        ["important", 1.1],
        [" word", 1],
      ],
    ],
    ["(unbalanced", [["unbalanced", 1.1]]],
    ["\\(literal\\]", [["(literal]", 1]]],
    ["(unnecessary)(parens)", [["unnecessaryparens", 1.1]]],
    [
      "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
      [
        ["a ", 1],
        ["house", 1.573],
        [" ", 1.1],
        ["on", 1],
        [" a ", 1.1],
        ["hill", 0.55],
        [", sun, ", 1.1],
        ["sky", 1.4641],
        [".", 1.1],
      ],
    ],
    ["", []],
    ["[less]", [["less", 1 / 1.1]]],
    ["time 12:30) and ]", [["time 12:30) and ]", 1]]],
    ["(word:-0.5)", [["word", -0.5]]],
    ["(word:1.2.3)", [["word:1.2.3", 1.1]]],
  ])("%j", (prompt, expected) => {
    const pieces = parsePromptWeights(prompt);
    expect(pieces.map(({ text }) => text)).toEqual(expected.map(([text]) => text));
    for (const [i, [, weight]] of expected.entries()) expect(pieces[i]!.weight).toBeCloseTo(weight, 10);
  });

  it.each([
    [`${"(".repeat(1900)}word${")".repeat(1900)}`, MAX_WEIGHT],
    [`${"(".repeat(3900)}word`, MAX_WEIGHT],
    [`${"[".repeat(3900)}word`, 0],
    [`(word:${"9".repeat(3900)})`, MAX_WEIGHT],
    [`((word:0):${"9".repeat(3900)})`, 0],
    [`(((word:${"9".repeat(999)}):${"9".repeat(999)}):0)`, 0],
    ["(word:-1000)", -MAX_WEIGHT],
    [`${"(".repeat(500)}${"[".repeat(500)}word${"]".repeat(500)}${")".repeat(500)}`, 1],
  ])("keeps weights within bounds: %.20s…", (prompt, expected) => {
    const [piece] = parsePromptWeights(prompt);
    expect(piece?.weight).toBeCloseTo(expected, 6);
  });

  it("keeps every character that is not a bracket, an escape or a weight", () => {
    fc.assert(
      fc.property(
        fc.string().filter((text) => !/[\\()[\]:]/.test(text)),
        (text) => {
          expect(
            parsePromptWeights(text)
              .map((piece) => piece.text)
              .join(""),
          ).toBe(text);
        },
      ),
    );
  });

  it("gives neighbouring pieces different weights", () => {
    const pieceOfPrompt = fc.constantFrom("word", "(", ")", "[", "]", ":1.3)", "\\(", ":", " ");
    fc.assert(
      fc.property(fc.array(pieceOfPrompt), (parts) => {
        const pieces = parsePromptWeights(parts.join(""));
        for (let i = 1; i < pieces.length; i++) expect(pieces[i]!.weight).not.toBe(pieces[i - 1]!.weight);
      }),
    );
  });
});
