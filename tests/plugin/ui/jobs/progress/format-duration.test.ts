import { expect, test } from "vitest";
import { formatDuration } from "../../../../../plugin/ui/jobs/progress/format-duration.ts";

test.each([
  [300, "1 s"],
  [4_400, "4 s"],
  [99_000, "99 s"],
  [130_000, "2 min"],
])("says %i ms as %s", (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});
