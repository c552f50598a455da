import { expect, test } from "vitest";
import { themeOf } from "../../../plugin/ui/theme.ts";

test.each([
  ["#/?theme=light", "", "light"],
  ["#/?theme=dark", "?theme=light", "dark"],
  ["", "?theme=light", "light"],
  ["#/", "", "dark"],
] as const)("reads the theme from the address %j %j", (hash, search, theme) => {
  expect(themeOf({ hash, search })).toBe(theme);
});
