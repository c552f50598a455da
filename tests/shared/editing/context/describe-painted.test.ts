import { expect, test } from "vitest";
import { describePainted } from "../../../../shared/editing/context/describe-painted.ts";

function maskOf(...data: number[]) {
  return { width: data.length, height: 1, data: Uint8Array.from(data) };
}

test("says how bright a mask is in which nothing counts as painted", () => {
  expect(() => describePainted(maskOf(0, 4, 7))).toThrow(
    "its brightest value is 7 of 255, and less than 8 counts as black",
  );
  expect(() => describePainted(maskOf(0, 0))).toThrow("all of it is black or transparent");
  expect(describePainted(maskOf(0, 8)).holes).toHaveLength(1);
});
