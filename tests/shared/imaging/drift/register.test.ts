import { expect, test } from "vitest";
import { register } from "../../../../shared/imaging/drift/register.ts";
import { wavy } from "./synthetic.ts";

const size = { width: 144, height: 128 };
const source = wavy(size.width, size.height);
const known = new Uint8Array(size.width * size.height).fill(1);

test("finds a shift to a small part of a pixel", () => {
  const shifted = wavy(size.width, size.height, (x, y) => ({ x: x - 3.4, y: y + 2 }));
  const found = register(shifted, source, known);
  expect(found?.across).toBeCloseTo(3.4, 1);
  expect(found?.down).toBeCloseTo(-2, 1);
  expect(found?.zoom).toBeCloseTo(0, 3);
});

test("finds none where both are the same", () => {
  expect(register(source, source, known)).toBeUndefined();
});

// Best matched where it was moved by less than a drift may be, and hardly better there than where it was drawn.
test("takes no chance likeness of another picture for a drift", () => {
  const other = wavy(size.width, size.height, (x, y) => ({ x: y * 1.7 + 300, y: x * 0.6 + 111 }));
  expect(register(other, source, known)).toBeUndefined();
});
