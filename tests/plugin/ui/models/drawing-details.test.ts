import { expect, test } from "vitest";
import { describePrecision } from "../../../../plugin/ui/models/drawing-details.ts";
import type { OfferedPrecision } from "../../../../shared/protocol/models/precision.ts";

test("says of each precision what it loses and how fast it is, as far as that was measured", () => {
  const offered: readonly OfferedPrecision[] = [
    { precision: "fp32", seconds: 9, decibels: null },
    { precision: "fp16" },
    { precision: "int8", seconds: 5, decibels: 41.7 },
    { precision: "int4", seconds: 10, decibels: null },
  ];
  expect(offered.map((each) => describePrecision(each, offered))).toEqual([
    "fp32",
    "fp16",
    "int8, 42 dB, 1.8× as fast",
    "int4, the same pixels, 0.9× as fast",
  ]);
});
