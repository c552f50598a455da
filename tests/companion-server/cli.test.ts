import { expect, test } from "vitest";
import { errorLine, exitCodeOf } from "../../companion-server/cli.ts";
import { type ErrorCode, errorCodes } from "../../shared/protocol/error-data.ts";

test.each<[ErrorCode, number]>([
  ["cancelled", 130],
  ["empty-mask", 2],
  ["unknown-model", 2],
  ["damaged-model", 2],
  ["device-unavailable", 2],
  ["engine-crashed", 1],
  ["disk-full", 1],
  ["internal", 1],
])("exits %s with %i", (code, expected) => {
  expect(exitCodeOf({ code, message: "" })).toBe(expected);
});

test("never exits with 0 for an error", () => {
  for (const code of errorCodes) expect(exitCodeOf({ code, message: "" })).toBeGreaterThan(0);
});

test("writes message and remedy in one line", () => {
  expect(errorLine({ code: "internal", message: "It broke\n  badly", remedy: "Mend it." })).toBe(
    "overpaint: It broke badly. Mend it.",
  );
});
