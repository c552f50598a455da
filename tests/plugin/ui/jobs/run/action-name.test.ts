import { expect, test } from "vitest";
import { inpaintName } from "../../../../../plugin/ui/jobs/run/action-name.ts";

test.each([
  ["", true, "Fill"],
  ["   ", false, "Fill"],
  ["a cat", true, "Add"],
  ["a cat", false, "Replace"],
] as const)("calls what will happen by its name: %j on plain ground %j is %s", (prompt, isPlain, name) => {
  expect(inpaintName(prompt, isPlain)).toBe(name);
});
