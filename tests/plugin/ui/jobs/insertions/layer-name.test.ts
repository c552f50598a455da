import { expect, test } from "vitest";
import { layerName } from "../../../../../plugin/ui/jobs/insertions/layer-name.ts";

test.each([
  ["", "Overpaint fill"],
  ["a cat\n on a  mat", "a cat on a mat"],
  ["black/white", "black white"],
  ["x".repeat(60), `${"x".repeat(39)}…`],
  ["🐈".repeat(60), `${"🐈".repeat(39)}…`],
])("names the layer after the prompt %j", (prompt, name) => {
  expect(layerName(prompt, "inpaint")).toBe(name);
});
