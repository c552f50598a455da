import { expect, test } from "vitest";
import type {
  FoundObject,
  SegmentationModel,
} from "../../../../shared/diffusion/models/segmentation/click-segmentation.ts";
import { findSubject } from "../../../../shared/editing/selection/find-subject.ts";

const size = { width: 40, height: 30 };

function found(score: number, isIn: (x: number, y: number) => boolean): FoundObject {
  const data = Uint8Array.from({ length: size.width * size.height }, (_, pixel) =>
    isIn(pixel % size.width, Math.floor(pixel / size.width)) ? 255 : 0,
  );
  return { score, mask: { ...size, data } };
}

/** A model that finds one thing after the other, whatever is clicked. */
function finding(...objects: readonly [FoundObject, ...FoundObject[]]) {
  let clicks = 0;
  const model: Pick<SegmentationModel, "select"> = {
    select: async () => objects[clicks++ % objects.length]!, // there is one at least
  };
  return findSubject(model as SegmentationModel, { size, values: {} });
}

const thing = found(0.7, (x, y) => Math.hypot(x - 20, y - 15) < 8);
const frame = found(0.99, (x, y) => x < 4 || y < 4 || x >= 36 || y >= 26);
const nearlyAll = found(0.98, (x, y) => x > 0 && y > 0 && x < 39 && y < 29);
const speck = found(0.97, (x, y) => x === 20 && y < 5);

test("takes no ground, no speck and nothing that is nearly all of the picture, however sure the model is", async () => {
  expect(await finding(frame, nearlyAll, speck, thing)).toBe(thing.mask);
});

test("takes the thing that the model is surest of", async () => {
  const other = found(0.8, (x, y) => x > 5 && x < 15 && y > 5 && y < 15);
  expect(await finding(thing, other)).toBe(other.mask);
});

test("says so where nothing stands out", async () => {
  await expect(finding(frame, nearlyAll)).rejects.toMatchObject({ code: "invalid-output" });
});
