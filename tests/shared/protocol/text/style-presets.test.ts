import { expect, test } from "vitest";
import { restyleRequestSchema } from "../../../../shared/protocol/edit-request.ts";
import { stylePresets } from "../../../../shared/protocol/text/style-presets.ts";

test("every style has an id of its own that a request takes, a name, and one place for the prompt", () => {
  expect(new Set(stylePresets.map(({ id }) => id)).size).toBe(stylePresets.length);
  for (const { id, name, template, negativePrompt } of stylePresets) {
    expect(restyleRequestSchema.parse({ task: "restyle", style: id }).style).toBe(id);
    expect(id).toMatch(/^[a-z0-9-]+$/);
    expect(name).not.toBe("");
    expect(template.split("{prompt}")).toHaveLength(2);
    expect(template).toMatch(/^\{prompt\}, \S/);
    expect(negativePrompt).not.toBe("");
  }
});
