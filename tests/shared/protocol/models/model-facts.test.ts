import { expect, test } from "vitest";
import { idFromName, modelIdSchema } from "../../../../shared/protocol/models/model-facts.ts";

test.each([
  ["Realistic Vision V5", "realistic-vision-v5"],
  ["CON", "model-con"],
  ["aux.v2", "model-aux.v2"],
  ["console", "console"],
  ["My model...", "my-model"],
  [`${"a".repeat(99)}.b`, "a".repeat(99)],
])("%j comes to an id that a folder can have on every system", (name, id) => {
  expect(idFromName(name)).toBe(id);
  expect(modelIdSchema.safeParse(id).success).toBe(true);
});

test.each(["nul", "lpt1.v2", "a.", "..", "a:b", ""])("%j is no id of a model", (id) => {
  expect(modelIdSchema.safeParse(id).success).toBe(false);
});
