import sharp from "sharp";
import { expect, test } from "vitest";
import { lacksEnd } from "../../../../plugin/engine-worker/pictures/lacks-end.ts";

const noise = { width: 64, height: 64, channels: 3, noise: { type: "gaussian", mean: 128, sigma: 60 } } as const;

test.each([false, true])("tells a JPEG without its end marker, progressive: %s", async (progressive) => {
  const jpeg = await sharp({ create: { ...noise, background: "red" } })
    .jpeg({ progressive })
    .toBuffer();
  expect(lacksEnd(jpeg, "jpeg")).toBe(false);
  expect(lacksEnd(Buffer.concat([jpeg, Buffer.from("appended")]), "jpeg")).toBe(false);
  for (const missing of [1, 2, 3, 200]) expect(lacksEnd(jpeg.subarray(0, jpeg.length - missing), "jpeg")).toBe(true);
});
