import { describe, expect, it } from "vitest";
import { completePrompt } from "../../../../shared/planning/words/complete-prompt.ts";

describe("a prompt with its style", () => {
  it("keeps a negative prompt that is absent apart from one that is empty", () => {
    expect(completePrompt("a cat", null, null).negativePrompt).toBeNull();
    expect(completePrompt("a cat", "", null).negativePrompt).toBe("");
  });

  it("takes the style's negative words, with or without own ones", () => {
    const { negativePrompt: styles } = completePrompt("a cat", null, "flat");
    expect(styles).toMatch(/^photograph/);
    expect(completePrompt("a cat", "  ", "flat").negativePrompt).toBe(styles);
    expect(completePrompt("a cat", "text", "flat").negativePrompt).toBe(`text, ${styles}`);
  });

  it("drops the words that would have joined a prompt of white space", () => {
    expect(completePrompt(" \t", null, "flat").prompt).toBe(completePrompt("", null, "flat").prompt);
  });
});
