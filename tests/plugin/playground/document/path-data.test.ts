import { expect, test } from "vitest";
import { flatten, parsePath, pathBounds, pathText } from "../../../../plugin/playground/document/path-data.ts";

test.each([
  ["M1 2l3 4H0v1z", "M1,2L4,6L0,6L0,7Z"],
  ["M0 0Q3 3 6 0T12 0", "M0,0C2,2 4,2 6,0C8,-2 10,-2 12,0"],
  ["M0 0C0 1 1 2 2 2S4 3 4 4", "M0,0C0,1 1,2 2,2C3,2 4,3 4,4"],
])("makes %s absolute, with cubic curves alone", (d, text) => {
  expect(pathText(parsePath(d))).toBe(text);
});

test("takes a box around the line, not around its handles", () => {
  const { x, y, width, height } = pathBounds(parsePath("M0 0C0 100 100 100 100 0"));
  expect([x, y, width]).toEqual([0, 0, 100]);
  expect(height).toBeCloseTo(75, 1);
});

test.each([1, 0.1, 0.01])("stays within %d of a circle", (tolerance) => {
  const [line = []] = flatten(parsePath("M100 0A100 100 0 1 1 -100 0A100 100 0 1 1 100 0Z"), tolerance);
  // A chord lies inside the circle by its distance at the middle; the curves' own error is below 0.03 here.
  const distances = line.map((from, index) => {
    const to = line[index + 1] ?? from;
    return Math.abs(100 - Math.hypot((from.x + to.x) / 2, (from.y + to.y) / 2));
  });
  expect(Math.max(...distances)).toBeLessThan(tolerance + 0.03);
});

test.each(["", "none", "L5 5"])("refuses %j", (d) => {
  expect(() => parsePath(d)).toThrow("not path data");
});
