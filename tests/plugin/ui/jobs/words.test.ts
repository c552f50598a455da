import { expect, test } from "vitest";
import { inpaintName } from "../../../../plugin/ui/jobs/action-name.ts";
import { formatDuration } from "../../../../plugin/ui/jobs/format-duration.ts";
import { layerName } from "../../../../plugin/ui/jobs/layer-name.ts";
import { themeOf } from "../../../../plugin/ui/theme.ts";

test.each([
  ["", true, "Fill"],
  ["   ", false, "Fill"],
  ["a cat", true, "Add"],
  ["a cat", false, "Replace"],
] as const)("calls what will happen by its name: %j on plain ground %j is %s", (prompt, isPlain, name) => {
  expect(inpaintName(prompt, isPlain)).toBe(name);
});

test.each([
  ["", "Overpaint fill"],
  ["a cat\n on a  mat", "a cat on a mat"],
  ["black/white", "black white"],
  ["x".repeat(60), `${"x".repeat(39)}…`],
  ["🐈".repeat(60), `${"🐈".repeat(39)}…`],
])("names the layer after the prompt %j", (prompt, name) => {
  expect(layerName(prompt, "inpaint")).toBe(name);
});

test.each([
  [300, "1 s"],
  [4_400, "4 s"],
  [99_000, "99 s"],
  [130_000, "2 min"],
])("says %i ms as %s", (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});

test.each([
  ["#/?theme=light", "", "light"],
  ["#/?theme=dark", "?theme=light", "dark"],
  ["", "?theme=light", "light"],
  ["#/", "", "dark"],
] as const)("reads the theme from the address %j %j", (hash, search, theme) => {
  expect(themeOf({ hash, search })).toBe(theme);
});
