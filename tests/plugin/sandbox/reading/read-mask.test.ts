import type { Path, Shape } from "@penpot/plugin-types";
import { expect, test, vi } from "vitest";
import { addShape } from "../../../../plugin/playground/document/tree-edits.ts";
import { drawRegion } from "../../../../plugin/ui/masks/shapes/draw-region.ts";
import { applyMatrix } from "../../../../shared/protocol/plugin/matrix.ts";
import type { Matrix } from "../../../../shared/protocol/plugin/outline.ts";
import { referenceMask, worstLevel } from "../../ui/support/reference-mask.ts";
import { emptyPng } from "../empty-png.ts";
import { SandboxInPlayground } from "../sandbox-in-playground.ts";
import { rectangle } from "../shapes.ts";

const size = { width: 60, height: 40 };

/** A picture of 60 × 40 pixels at two units a pixel, turned, mirrored, and cropped by its shape or not. */
function withPicture(change: Parameters<typeof rectangle>[0] = {}) {
  const host = new SandboxInPlayground().start();
  const fills = [host.imageFill(size.width, size.height)];
  const [id] = host.open(rectangle({ x: 100, y: 50, width: 120, height: 80, fills, ...change }));
  const read = async (by: "outline" | "alpha", ...shapes: readonly Shape[]) => {
    host.messages.length = 0;
    host.send({ type: "read-mask", requestId: 1, shapeId: id, shapeIds: shapes.map((shape) => shape.id), by });
    return await host.answer("mask");
  };
  const draw = async (...shapes: readonly Shape[]) => {
    const { region } = await read("outline", ...shapes);
    const patch = await drawRegion(region, size, async () => ({ width: 1, height: 1, data: Uint8Array.of(255) }));
    const whole = new Array<number>(size.width * size.height).fill(0);
    if (patch === undefined) return whole;
    patch.data.forEach((value, i) => {
      const [x, y] = [patch.place.x + (i % patch.place.width), patch.place.y + Math.floor(i / patch.place.width)];
      whole[y * size.width + x] = value;
    });
    return whole;
  };
  const box = (x: number, y: number, width: number, height: number) => {
    const shape = host.penpot.createRectangle();
    shape.resize(width, height);
    shape.x = x;
    shape.y = y;
    return shape;
  };
  return { host, id: id!, read, draw, box };
}

/** The reference on the picture's grid of a region of the page; edges on whole units run between 16 points a pixel. */
function reference(
  isInside: (x: number, y: number) => boolean,
  { toPage = [2, 0, 0, 2, 100, 50], points = 16 }: { toPage?: Matrix; points?: number } = {},
): number[] {
  const isInsideOnPage = (x: number, y: number) => {
    const page = applyMatrix(toPage, { x, y });
    return isInside(page.x, page.y);
  };
  return referenceMask(size, isInsideOnPage, points);
}

test("makes a mask of a rectangle that is turned and scaled in a group, on the picture's own grid", async () => {
  const { host, draw, box } = withPicture();
  const inner = box(130, 70, 40, 20);
  inner.rotation = 30;
  const group = host.penpot.group([inner, box(190, 100, 10, 10)])!;
  const { center } = inner;
  const [cos, sin] = [Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)];
  const isInside = (x: number, y: number) => {
    const [dx, dy] = [x - center.x, y - center.y];
    const turned = Math.abs(cos * dx + sin * dy) <= 20 && Math.abs(cos * dy - sin * dx) <= 10;
    return turned || (x >= 190 && x <= 200 && y >= 100 && y <= 110);
  };
  expect(worstLevel(await draw(group), reference(isInside, { points: 256 }))).toBeLessThanOrEqual(1);
});

test("follows the picture's own rotation, mirroring and crop", async () => {
  const { host, id, draw, box } = withPicture({ width: 120, height: 40, rotation: 90, flipX: true });
  const hole = box(150, 40, 13, 31);
  // A quarter turn of a mirrored picture of 60 × 40 that is stretched over 120 × 40.
  const { center } = host.penpot.currentPage!.getShapeById(id)!;
  const toPage: Matrix = [0, -2, -1, 0, center.x + 20, center.y + 60];
  const isInside = (x: number, y: number) => x >= 150 && x <= 163 && y >= 40 && y <= 71;
  expect(worstLevel(await draw(hole), reference(isInside, { toPage }))).toBeLessThanOrEqual(1);
});

test("leaves the hole of a path and the part that a boolean takes away", async () => {
  const { host, draw, box } = withPicture();
  const path = host.penpot.createPath() as Path;
  path.d = "M120 60L180 60L180 100L120 100ZM135 70L135 90L160 90L160 70Z";
  const inFrame = (x: number, y: number) =>
    x >= 120 && x <= 180 && y >= 60 && y <= 100 && !(x > 135 && x < 160 && y > 70 && y < 90);
  expect(worstLevel(await draw(path), reference(inFrame))).toBeLessThanOrEqual(1);
  const cut = host.penpot.createBoolean("difference", [box(121, 61, 50, 30), box(140, 70, 90, 9)])!;
  const inCut = (x: number, y: number) => x >= 121 && x <= 171 && y >= 61 && y <= 91 && !(x > 140 && y > 70 && y < 79);
  expect(worstLevel(await draw(cut), reference(inCut))).toBeLessThanOrEqual(1);
});

test("takes a mask group's content only as far as its mask shows it, and nothing hidden", async () => {
  const { host, draw, box } = withPicture();
  const [mask, content, hidden] = [box(120, 60, 20, 20), box(110, 70, 60, 40), box(100, 50, 120, 80)];
  hidden.hidden = true;
  const group = host.penpot.group([mask, content, hidden])!;
  group.makeMask();
  const isInside = (x: number, y: number) => x >= 120 && x <= 140 && y >= 70 && y <= 80;
  expect(worstLevel(await draw(group), reference(isInside))).toBe(0);
});

test("has a text drawn as fine as the picture, and puts it where it stands", async () => {
  const { host, read } = withPicture();
  const scales: number[] = [];
  host.exportPng = async (_, scale) => {
    scales.push(scale);
    return emptyPng(30, 10);
  };
  const text = host.penpot.createText("Sale")!;
  text.growType = "fixed";
  text.resize(60, 20);
  text.x = 120;
  text.y = 70;
  text.opacity = 0.5;
  const { region } = await read("outline", text);
  expect(scales).toEqual([0.5]);
  expect(region).toMatchObject({
    regions: [{ type: "picture", mime: "image/png", matrix: [30, 0, 0, 10, 10, 10], opacity: 0.5 }],
  });
});

test("takes another layer's opacity: of its picture, cut to its shape", async () => {
  const { host, read } = withPicture();
  const layer = rectangle({ x: 120, y: 60, width: 40, height: 20, fills: [host.imageFill(20, 10)] });
  host.store.edit((document) => addShape(document, layer));
  const shape = host.penpot.currentPage!.getShapeById(layer.id)!;
  const { region } = await read("alpha", shape);
  expect(region).toMatchObject({
    regions: [
      {
        type: "union",
        regions: [{ type: "picture", matrix: [20, 0, 0, 10, 10, 5] }],
        within: { type: "outline" },
      },
    ],
  });
});

test("says that a mask is out of date when one of its shapes changes, and not when all move together", async () => {
  const { host, id, read, box } = withPicture();
  const [first, second] = [box(130, 70, 40, 20), box(150, 80, 10, 10)];
  const group = host.penpot.group([second])!;
  const { version } = await read("outline", first, group);
  host.send({
    type: "watch",
    watches: [{ key: "mask", shapeId: id, maskShapeIds: [first.id, group.id] }],
  });
  await vi.waitFor(() => expect(host.last("watched")?.watched).toMatchObject([{ key: "mask", maskVersion: version }]));
  second.x += 3;
  await vi.waitFor(() => expect(host.last("watched")?.watched[0]?.maskVersion).not.toBe(version));
  second.x -= 3;
  await vi.waitFor(() => expect(host.last("watched")?.watched[0]?.maskVersion).toBe(version));
  for (const shape of [host.penpot.currentPage!.getShapeById(id)!, first, group]) shape.x += 7;
  expect((await read("outline", first, group)).version).toBe(version);
  first.remove();
  await vi.waitFor(() => expect(host.last("watched")?.watched[0]).not.toHaveProperty("maskVersion"));
});

test("says that nothing encloses an area, or that a shape is gone", async () => {
  const { host, id, box } = withPicture();
  const hidden = box(120, 60, 5, 5);
  hidden.hidden = true;
  const request = { type: "read-mask", requestId: 3, shapeId: id, by: "outline" };
  host.send({ ...request, shapeIds: [hidden.id] });
  expect((await host.answer("failed")).error.code).toBe("empty-mask");
  host.messages.length = 0;
  host.send({ ...request, shapeIds: ["gone"] });
  expect((await host.answer("failed")).error.code).toBe("source-changed");
});
