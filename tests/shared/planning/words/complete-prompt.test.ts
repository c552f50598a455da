import { describe, expect, it } from "vitest";
import { completePrompt } from "../../../../shared/planning/words/complete-prompt.ts";

const flat = { template: "{prompt}, flat style", negativePrompt: "3d style" };

describe("a prompt with its style", () => {
  it("is worded as the model wants to be told of the style, where it says so", () => {
    const told = completePrompt("a cat", "text", "flat", { flat });
    expect(told).toEqual({ prompt: "a cat, flat style", negativePrompt: "text, 3d style" });
    expect(completePrompt("a cat", null, "3d", { flat })).toEqual(completePrompt("a cat", null, "3d", undefined));
    expect(completePrompt("a cat", null, null, { flat })).toEqual({ prompt: "a cat", negativePrompt: null });
    expect(() => completePrompt("a cat", null, "own", { own: flat })).toThrow(/There is no style "own"/);
  });

  it("keeps a negative prompt that is absent apart from one that is empty", () => {
    expect(completePrompt("a cat", null, null, undefined).negativePrompt).toBeNull();
    expect(completePrompt("a cat", "", null, undefined).negativePrompt).toBe("");
  });

  it("takes the style's negative words, with or without own ones", () => {
    const { negativePrompt: styles } = completePrompt("a cat", null, "flat", undefined);
    expect(styles).toMatch(/^photograph/);
    expect(completePrompt("a cat", "  ", "flat", undefined).negativePrompt).toBe(styles);
    expect(completePrompt("a cat", "text", "flat", undefined).negativePrompt).toBe(`text, ${styles}`);
  });

  it("drops the words that would have joined a prompt of white space", () => {
    expect(completePrompt(" \t", null, "flat", undefined).prompt).toBe(
      completePrompt("", null, "flat", undefined).prompt,
    );
  });
});
