import { createHash } from "node:crypto";
import { expect, test, vi } from "vitest";
import { digestSha256, Sha256, sha256 } from "../../../../plugin/engine-worker/digests/sha256.ts";

// Around every place where the padding changes: 55, 56 and 64 bytes fill a block in different ways.
const lengths = [0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 1000, 100_003];
const bytesOf = (length: number) => Uint8Array.from({ length }, (_, index) => (index * 131 + length) & 0xff);
const expected = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

test.each(lengths)("hashes %i bytes as Node does, with and without crypto.subtle", async (length) => {
  const bytes = bytesOf(length);
  expect(await sha256(bytes)).toBe(expected(bytes));
  expect(Buffer.from(digestSha256(bytes)).toString("hex")).toBe(expected(bytes));
});

test("hashes what comes in pieces of any length", () => {
  const bytes = bytesOf(1000);
  const digest = new Sha256();
  for (const [start, end] of [
    [0, 10],
    [10, 200],
    [200, 264],
    [264, 1000],
  ] as const)
    digest.add(bytes.subarray(start, end));
  expect(Buffer.from(digest.finish()).toString("hex")).toBe(expected(bytes));
});

test("hashes a view into a larger buffer", () => {
  const whole = bytesOf(300);
  const view = whole.subarray(17, 217);
  expect(Buffer.from(digestSha256(view)).toString("hex")).toBe(expected(view));
});

test("falls back where the page is no secure context", async () => {
  vi.stubGlobal("crypto", {});
  try {
    expect(await sha256(bytesOf(70))).toBe(expected(bytesOf(70)));
  } finally {
    vi.unstubAllGlobals();
  }
});
