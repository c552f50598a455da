import { expect, test } from "vitest";
import { eraseUnder } from "../../../../shared/imaging/compose/erase-under.ts";

const erase = (...data: number[]) => ({ width: data.length, height: 1, data: Uint8Array.from(data) });

test("takes a share of the opacity and leaves no colour where nothing is left", () => {
  const base = { width: 3, height: 1, data: Uint8Array.of(1, 2, 3, 200, 4, 5, 6, 200, 7, 8, 9, 200) };
  eraseUnder(base, erase(0, 51, 255), { x: 0, y: 0 });
  expect([...base.data]).toEqual([1, 2, 3, 200, 4, 5, 6, 160, 0, 0, 0, 0]);
});

test("does not reach beyond the picture", () => {
  const base = { width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 200, 4, 5, 6, 200) };
  eraseUnder(base, erase(255, 255), { x: -1, y: 0 });
  expect([...base.data]).toEqual([0, 0, 0, 0, 4, 5, 6, 200]);
});
