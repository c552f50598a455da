import { beforeEach, expect, test } from "vitest";
import { MaskHistory } from "../../../../plugin/ui/masks/mask-history.ts";
import { MaskStroke } from "../../../../plugin/ui/masks/mask-stroke.ts";
import { TILE_SIDE, TiledMask } from "../../../../plugin/ui/masks/tiled-mask.ts";
import { paintedPixels } from "../support/painted-pixels.ts";

const TILE_BYTES = TILE_SIDE * TILE_SIDE;
let mask: TiledMask;
let history: MaskHistory;

beforeEach(() => {
  mask = new TiledMask({ width: 3 * TILE_SIDE, height: TILE_SIDE });
  history = new MaskHistory(mask);
});

function dab(x: number, mode: "paint" | "erase" = "paint", into = history): void {
  const clip = { x: 0, y: 0, ...mask.size };
  const stroke = new MaskStroke(mask, { mode, radius: 8, clip });
  stroke.drawLine({ x, y: 100 }, { x, y: 100 });
  into.push(stroke.finish());
}

test("undoes and redoes strokes to the very pixel", () => {
  dab(100);
  const afterFirst = paintedPixels(mask);
  dab(105, "erase");
  const afterSecond = paintedPixels(mask);
  expect(history.undo()).toBe(true);
  expect(paintedPixels(mask)).toEqual(afterFirst);
  expect(history.undo()).toBe(true);
  expect(mask.isEmpty).toBe(true);
  expect(history.redo()).toBe(true);
  expect(history.redo()).toBe(true);
  expect(paintedPixels(mask)).toEqual(afterSecond);
});

test("has nothing to undo or redo at either end", () => {
  expect(history.undo()).toBe(false);
  dab(100);
  expect(history.redo()).toBe(false);
  expect([history.canUndo, history.canRedo]).toEqual([true, false]);
});

test("forgets what was undone once something new is painted", () => {
  dab(100);
  history.undo();
  dab(400);
  expect(history.canRedo).toBe(false);
});

test("clears everything in one step that can be undone", () => {
  dab(100);
  dab(600);
  const before = paintedPixels(mask);
  history.clear();
  expect(mask.isEmpty).toBe(true);
  history.undo();
  expect(paintedPixels(mask)).toEqual(before);
});

test("does not remember strokes that touched nothing", () => {
  dab(100, "erase");
  expect(history.canUndo).toBe(false);
});

test("forgets the oldest strokes when they hold too much memory, never the newest", () => {
  const bounded = new MaskHistory(mask, 2 * TILE_BYTES);
  for (const x of [100, 400, 600]) dab(x, "paint", bounded);
  expect([bounded.undo(), bounded.undo(), bounded.undo()]).toEqual([true, true, false]);

  const tiny = new MaskHistory(mask, 1);
  dab(100, "paint", tiny);
  expect(tiny.undo()).toBe(true);
});
