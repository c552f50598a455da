import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { createHasher } from "../../../../plugin/engine-worker/digests/create-hasher.ts";

// Around every place where the padding changes.
test.each([0, 3, 55, 56, 63, 64, 119, 120, 10_003])("hashes %i bytes in two pieces as Node does", (length) => {
  const bytes = Uint8Array.from({ length }, (_, index) => (index * 131 + length) & 0xff);
  const hasher = createHasher("sha1");
  hasher.add(bytes.subarray(0, length / 3));
  hasher.add(bytes.subarray(length / 3));
  expect(hasher.finish()).toBe(createHash("sha1").update(bytes).digest("hex"));
});
