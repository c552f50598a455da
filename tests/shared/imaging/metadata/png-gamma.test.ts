import { expect, test } from "vitest";
import { gammaTable, readPngGamma } from "../../../../shared/imaging/metadata/png-gamma.ts";
import { insertChunk, pngHeader } from "../../../support/png-chunks.ts";

const png = pngHeader(1, 1);
const gamma = (value: number) => Uint8Array.of(0, value >> 16, value >> 8, value);

test("has no gamma to undo where none is stated", () => {
  expect(readPngGamma(png)).toBeUndefined();
  expect(readPngGamma(insertChunk(png, "cHRM", new Uint8Array(32)))).toBeUndefined();
});

test("reads what is stated", () => {
  expect(readPngGamma(insertChunk(png, "gAMA", gamma(100_000)))).toBe(1);
});

test.each(["sRGB", "iCCP", "cICP"])("lets %s overrule it, before or after", (better) => {
  const first = insertChunk(insertChunk(png, "gAMA", gamma(100_000)), better, new Uint8Array(1));
  const last = insertChunk(insertChunk(png, better, new Uint8Array(1)), "gAMA", gamma(100_000));
  expect([first, last].map(readPngGamma)).toEqual([undefined, undefined]);
});

test("takes sRGB's own approximation for sRGB, unless primaries show that it is meant", () => {
  const approximate = insertChunk(png, "gAMA", gamma(45_455));
  expect(readPngGamma(approximate)).toBeUndefined();
  expect(readPngGamma(insertChunk(approximate, "cHRM", new Uint8Array(32)))).toBe(0.45455);
});

test.each([8, 16] as const)("brings light itself of %i bits to sRGB", (depth) => {
  const table = gammaTable(1, depth);
  const at = (share: number) => table[Math.round(share * (table.length - 1))];
  expect([at(0), at(0.2140411), at(1)]).toEqual([0, depth === 8 ? 128 : 127, 255]);
});
