import { randomUUID } from "node:crypto";
import type { Shape } from "@penpot/plugin-types";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import {
  createDocument,
  defaultShape,
  getContainer,
  getShape,
} from "../../../../plugin/playground/document/document.ts";
import { applyMatrix, boundsOf, matrixOf } from "../../../../plugin/playground/document/geometry.ts";
import {
  flipShape,
  resizeShape,
  rotateShape,
  translateShape,
} from "../../../../plugin/playground/document/geometry-edits.ts";
import type { ShapeData, ShapeId } from "../../../../plugin/playground/document/shape.ts";
import {
  addShape,
  relocateShape,
  removeShape,
  updateShape,
} from "../../../../plugin/playground/document/tree-edits.ts";
import type { PixelRect, PixelSize } from "../../../../shared/protocol/geometry.ts";
import { PENPOT_MAX_MEDIA_BYTES } from "../../../../shared/protocol/limits.ts";
import { RECIPE_KEY, RECIPE_NAMESPACE, recipeSchema } from "../../../../shared/protocol/recipe.ts";
import { aRecipe } from "../a-recipe.ts";
import { emptyPng } from "../empty-png.ts";
import { SandboxInPlayground } from "../sandbox-in-playground.ts";
import { rectangle } from "../shapes.ts";

function placeRequest(host: SandboxInPlayground, shapeId: ShapeId, layer: PixelRect, image: PixelSize) {
  return {
    type: "place-layer",
    requestId: 1,
    placementId: randomUUID(),
    from: { ...host.identityOf(shapeId), image },
    anyway: false,
    drawnOn: [],
    stacks: true,
    growsBoard: false,
    name: "Beach: a cat face",
    place: "part",
    bytes: emptyPng(layer.width, layer.height),
    mime: "image/png",
    layer,
    recipe: aRecipe,
  };
}

async function place(host: SandboxInPlayground, shapeId: ShapeId, layer: PixelRect, image: PixelSize) {
  host.messages.length = 0;
  host.send(placeRequest(host, shapeId, layer, image));
  const { shapeId: layerId } = await host.answer("placed");
  return getShape(host.store.snapshot.document, layerId as ShapeId);
}

const layer = { x: 10, y: 20, width: 30, height: 40 };
const image = { width: 100, height: 80 };

function withPicture(change: Partial<ShapeData> = {}) {
  const host = new SandboxInPlayground().start();
  const picture = rectangle({ name: "Beach", x: 64, y: 32, width: 100, height: 80, ...change });
  const fills = [host.imageFill(image.width, image.height)];
  const [id] = host.open({ ...picture, fills }, rectangle({ name: "In front" }));
  return { host, id: id! };
}

test("lays the layer pixel for pixel over its place in the picture", async () => {
  const { host, id } = withPicture();
  const placed = await place(host, id, layer, image);
  expect(placed).toMatchObject({ type: "rectangle", x: 74, y: 52, width: 30, height: 40, rotation: 0 });
  expect(placed.name).toBe("Beach: a cat face");
  expect(placed.fills).toEqual([expect.objectContaining({ type: "image", keepAspectRatio: false, opacity: 1 })]);
});

test("puts the layer directly above its source, under what lay in front, and selects it", async () => {
  const { host, id } = withPicture();
  const placed = await place(host, id, layer, image);
  const { document, selection } = host.store.snapshot;
  const { children } = getContainer(document, document.rootId);
  expect(children.indexOf(placed.id)).toBe(children.indexOf(id) + 1);
  expect(children).toHaveLength(3);
  expect(selection).toEqual([placed.id]);
});

test("stays in the board that holds the source", async () => {
  const host = new SandboxInPlayground().start();
  const board: ShapeData = { ...defaultShape("Hero"), type: "board", children: [], clipContent: true };
  const source = rectangle({ width: 100, height: 80, fills: [host.imageFill(100, 80)] });
  const front = rectangle();
  const page = [source, front].reduce(
    (next, shape) => addShape(next, shape, board.id),
    addShape(createDocument("T"), board),
  );
  host.store.open(page);
  const placed = await place(host, source.id, layer, image);
  expect(getContainer(host.store.snapshot.document, board.id).children).toEqual([source.id, placed.id, front.id]);
});

test("lies between a board's own picture and what is on the board", async () => {
  const host = new SandboxInPlayground().start();
  const fills = [host.imageFill(100, 80)];
  const board: ShapeData = { ...defaultShape("Hero"), type: "board", children: [], clipContent: true, fills };
  const title = rectangle();
  host.store.open(addShape(addShape(createDocument("T"), board), title, board.id));
  const placed = await place(host, board.id, layer, image);
  expect(getContainer(host.store.snapshot.document, board.id).children).toEqual([placed.id, title.id]);
});

test("puts each further result above the earlier ones, under what lay in front, and says so", async () => {
  const { host, id } = withPicture();
  const results: ShapeId[] = [];
  const said: unknown[] = [];
  for (let i = 0; i < 3; i += 1) {
    results.push((await place(host, id, layer, image)).id);
    said.push(host.last("placed")?.stacking);
  }
  const { document } = host.store.snapshot;
  const { children } = getContainer(document, document.rootId);
  expect(children.slice(0, 4)).toEqual([id, ...results]);
  expect(getShape(document, children[4]!).name).toBe("In front");
  expect(said).toEqual(["above-source", "above-results", "above-results"]);
});

test("goes no further up than the unbroken row of its picture's own results", async () => {
  const { host, id } = withPicture();
  const first = await place(host, id, layer, image);
  const caption = rectangle({ name: "Caption", x: 64, y: 32 });
  host.store.edit((page) => addShape(page, caption, page.rootId, 2));
  const second = await place(host, id, layer, image);
  const { document } = host.store.snapshot;
  expect(getContainer(document, document.rootId).children.slice(0, 4)).toEqual([id, first.id, second.id, caption.id]);
});

test("goes above the results of a copied picture, whose ids are other ones", async () => {
  const { host, id } = withPicture();
  const first = await place(host, id, layer, image);
  const source = getShape(host.store.snapshot.document, id);
  const [copy, copiedLayer] = [source, first].map((shape) => ({ ...shape, id: randomUUID() as string as ShapeId }));
  host.open(copy!, copiedLayer!);
  const second = await place(host, copy!.id, layer, image);
  const { document } = host.store.snapshot;
  expect(getContainer(document, document.rootId).children).toEqual([copy!.id, copiedLayer!.id, second.id]);
});

test("does not go above another picture that was made with Overpaint and lies over this one", async () => {
  const { host, id } = withPicture();
  const other = rectangle({
    x: 64,
    y: 32,
    pluginData: {
      [`shared/${RECIPE_NAMESPACE}`]: { [RECIPE_KEY]: JSON.stringify({ ...aRecipe, inputs: {} }) },
    },
  });
  host.store.edit((page) => addShape(page, other, page.rootId, 1));
  const placed = await place(host, id, layer, image);
  const { document } = host.store.snapshot;
  expect(getContainer(document, document.rootId).children.slice(0, 3)).toEqual([id, placed.id, other.id]);
});

test("is removed by one undo and comes back by one redo", async () => {
  const { host, id } = withPicture({ rotation: 30 });
  const before = host.store.snapshot.document;
  const placed = await place(host, id, layer, image);
  host.store.undo();
  expect(host.store.snapshot.document).toBe(before);
  host.store.redo();
  expect(host.store.snapshot.document.shapes.get(placed.id)).toEqual(placed);
});

test("keeps the recipe with the layer, readable by every plugin", async () => {
  const { host, id } = withPicture();
  const placed = await place(host, id, layer, image);
  const text = host.penpot.currentPage?.getShapeById(placed.id)?.getSharedPluginData(RECIPE_NAMESPACE, RECIPE_KEY);
  expect(recipeSchema.parse(JSON.parse(text ?? ""))).toEqual(aRecipe);
});

test("scales the layer with a stretched picture", async () => {
  const { host, id } = withPicture({ width: 200, height: 40 });
  expect(await place(host, id, layer, image)).toMatchObject({ x: 64 + 20, y: 32 + 10, width: 60, height: 20 });
});

/** Where a pixel of the source image is on the page, worked out from the shape's own matrix. */
function pixelOnPage(shape: ShapeData, size: PixelSize, covers: boolean, pixel: { x: number; y: number }) {
  const stretch = { x: shape.width / size.width, y: shape.height / size.height };
  const cover = Math.max(stretch.x, stretch.y);
  const scale = covers ? { x: cover, y: cover } : stretch;
  return applyMatrix(matrixOf(shape), {
    x: shape.width / 2 + (pixel.x - size.width / 2) * scale.x,
    y: shape.height / 2 + (pixel.y - size.height / 2) * scale.y,
  });
}

test("puts every corner of the layer on its pixel of the picture, however the source is turned, mirrored and cropped", async () => {
  const placement = fc.record({
    x: fc.integer({ min: -500, max: 500 }),
    y: fc.integer({ min: -500, max: 500 }),
    width: fc.integer({ min: 50, max: 900 }),
    height: fc.integer({ min: 50, max: 900 }),
    rotation: fc.oneof(fc.integer({ min: 0, max: 359 }), fc.constantFrom(0, 90, 180, 270)),
    flipX: fc.boolean(),
    flipY: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(placement, fc.boolean(), async (where, covers) => {
      const host = new SandboxInPlayground().start();
      const source = rectangle({ ...where, fills: [host.imageFill(image.width, image.height, covers)] });
      host.open(source);
      // The middle of the picture always shows.
      const middle = { x: 47, y: 37, width: 6, height: 6 };
      const scale = covers ? Math.max(where.width / image.width, where.height / image.height) : 0;
      fc.pre(!covers || (scale * 3 <= where.width / 2 && scale * 3 <= where.height / 2));
      const placed = await place(host, source.id, middle, image);
      const corners = [
        [0, 0],
        [1, 0],
        [0, 1],
      ] as const;
      for (const [right, down] of corners) {
        const actual = applyMatrix(matrixOf(placed), { x: right * placed.width, y: down * placed.height });
        const pixel = { x: middle.x + right * middle.width, y: middle.y + down * middle.height };
        const expected = pixelOnPage(source, image, covers, pixel);
        expect(actual.x).toBeCloseTo(expected.x, 4);
        expect(actual.y).toBeCloseTo(expected.y, 4);
      }
    }),
    { numRuns: 60 },
  );
});

test("stays on whole page units where the source does", async () => {
  for (const rotation of [0, 90, 180, 270]) {
    const { host, id } = withPicture({ rotation });
    const bounds = boundsOf(await place(host, id, layer, image));
    for (const value of Object.values(bounds)) expect(Number.isInteger(value)).toBe(true);
  }
});

test("follows a source that was moved, turned, mirrored and scaled meanwhile", async () => {
  const { host, id } = withPicture();
  host.store.edit((page) => translateShape(page, id, { x: 300, y: 5 }));
  host.store.edit((page) => resizeShape(page, id, 50, 40));
  host.store.edit((page) => rotateShape(page, id, 90));
  host.store.edit((page) => flipShape(page, id, "x"));
  const source = getShape(host.store.snapshot.document, id);
  const placed = await place(host, id, layer, image);
  const corner = applyMatrix(matrixOf(placed), { x: 0, y: 0 });
  const expected = pixelOnPage(source, image, false, layer);
  expect(corner.x).toBeCloseTo(expected.x, 6);
  expect(corner.y).toBeCloseTo(expected.y, 6);
});

test("lays nothing over another picture than the one it was made from, unless it is wished", async () => {
  const { host, id } = withPicture();
  const request = placeRequest(host, id, layer, image);
  const fills = [host.imageFill(1000, 800)];
  host.store.edit((page) => updateShape(page, id, (shape) => ({ ...shape, fills })));
  const before = host.store.snapshot.document;
  host.send(request);
  expect((await host.answer("failed")).error).toMatchObject({ code: "source-changed" });
  expect(host.store.snapshot.document).toBe(before);
  host.send({ ...request, anyway: true });
  const { shapeId } = await host.answer("placed");
  const placed = getShape(host.store.snapshot.document, shapeId as ShapeId);
  expect(placed).toMatchObject({ x: 74, y: 52, width: 30, height: 40 });
});

test("fits the rest of an outermost pixel to a crop's edge", async () => {
  const host = new SandboxInPlayground().start();
  // A 7 × 7 picture over 100 × 30 shows 2.1 rows, from 2.45 to 4.55: the panel cuts to rows 2 to 5.
  const [id] = host.open(rectangle({ width: 100, height: 30, fills: [host.imageFill(7, 7, true)] }));
  const placed = await place(host, id!, { x: 0, y: 2, width: 7, height: 3 }, { width: 7, height: 7 });
  expect(boundsOf(placed)).toEqual({ x: 0, y: 0, width: 100, height: 30 });
});

test("does not cover more than the source shows", async () => {
  const host = new SandboxInPlayground().start();
  const [id] = host.open(rectangle({ width: 100, height: 30, fills: [host.imageFill(7, 7, true)] }));
  const before = host.store.snapshot.document;
  host.send(placeRequest(host, id!, { x: 0, y: 0, width: 7, height: 7 }, { width: 7, height: 7 }));
  expect((await host.answer("failed")).error.code).toBe("source-changed");
  expect(host.store.snapshot.document).toBe(before);
});

test("lays a whole picture exactly into its source's box, with its crop and its corners", async () => {
  const host = new SandboxInPlayground().start();
  const where = { x: 5, y: 6, width: 100, height: 30, borderRadius: 9, rotation: 30, flipX: true };
  const [id] = host.open(rectangle({ ...where, fills: [host.imageFill(7, 7, true)] }));
  const size = { width: 7, height: 7 };
  host.send({ ...placeRequest(host, id!, { x: 0, y: 0, ...size }, size), place: "whole", bytes: emptyPng(28, 28) });
  const { shapeId } = await host.answer("placed");
  const { document } = host.store.snapshot;
  const placed = getShape(document, shapeId as ShapeId);
  const corners = [placed, getShape(document, id!)].map((shape) => applyMatrix(matrixOf(shape), { x: 100, y: 30 }));
  expect(corners[0]?.x).toBeCloseTo(corners[1]!.x, 5);
  expect(corners[0]?.y).toBeCloseTo(corners[1]!.y, 5);
  expect(placed).toMatchObject({ width: 100, height: 30, borderRadius: 9 });
  expect(placed.fills).toEqual([expect.objectContaining({ keepAspectRatio: true })]);
  expect(getContainer(document, document.rootId).children).toEqual([id, shapeId]);
});

test.each([
  [0, false, { x: 44, y: 32, width: 150, height: 80 }],
  [180, false, { x: 34, y: 32, width: 150, height: 80 }],
  [0, true, { x: 34, y: 32, width: 150, height: 80 }],
])(
  "lays an extended picture beneath its source, turned by %i degrees, mirrored %s",
  async (rotation, flipX, bounds) => {
    const { host, id } = withPicture({ rotation, flipX });
    const around = { x: -20, y: 0, width: 150, height: 80 };
    host.send({ ...placeRequest(host, id, around, image), place: "around" });
    const { shapeId } = await host.answer("placed");
    const { document } = host.store.snapshot;
    expect(boundsOf(getShape(document, shapeId as ShapeId))).toEqual(bounds);
    const { children } = getContainer(document, document.rootId);
    expect(children.slice(0, 2)).toEqual([shapeId, id]);
  },
);

/** A board of 200 × 100 with these shapes, from bottom to top; the last is a picture of 100 × 80 at (60, 10). */
function boardWith(...shapes: readonly Partial<ShapeData>[]) {
  const host = new SandboxInPlayground().start();
  const size = { width: 200, height: 100 };
  const board: ShapeData = { ...defaultShape("Hero"), ...size, type: "board", children: [], clipContent: true };
  const picture = rectangle({
    name: "Picture",
    x: 60,
    y: 10,
    width: 100,
    height: 80,
    fills: [host.imageFill(100, 80)],
  });
  const children = [...shapes.map((shape) => rectangle(shape)), picture];
  host.store.open(
    children.reduce((page, shape) => addShape(page, shape, board.id), addShape(createDocument("T"), board)),
  );
  const names = () => {
    const { document } = host.store.snapshot;
    return getContainer(document, board.id).children.map((id) => getShape(document, id).name);
  };
  /** Fills the board around the picture. */
  const extend = async (name = "Extension") => {
    const around = { x: -60, y: -10, width: 200, height: 100 };
    host.messages.length = 0;
    host.send({ ...placeRequest(host, picture.id, around, image), place: "around", name });
    return (await host.answer("placed")).stacking;
  };
  return { host, board, picture, names, extend };
}

const opaque = [{ type: "color", color: "#ffffff", opacity: 1 }] as const;
const headline = { name: "Headline", x: 10, y: 40, width: 40, height: 10 };
const ground = { name: "Ground", width: 200, height: 100, fills: opaque };

test.each<[string, readonly Partial<ShapeData>[], readonly string[], string]>([
  ["the picture alone", [], ["Extension", "Picture"], "behind-source"],
  ["a headline beneath", [headline], ["Extension", "Headline", "Picture"], "behind-others"],
  [
    "a headline on a ground of the whole board",
    [ground, headline],
    ["Ground", "Extension", "Headline", "Picture"],
    "behind-others",
  ],
  [
    "a veil over the ground that lets it through",
    [ground, { ...ground, name: "Veil", opacity: 0.5 }],
    ["Ground", "Extension", "Veil", "Picture"],
    "behind-others",
  ],
  [
    "something outside of what the board shows",
    [{ ...headline, y: 300 }],
    ["Headline", "Extension", "Picture"],
    "behind-source",
  ],
])("fills a board behind all it would cover: %s", async (_, shapes, order, stacking) => {
  const { names, extend } = boardWith(...shapes);
  expect(await extend()).toBe(stacking);
  expect(names()).toEqual(order);
});

test("puts a further extension above the earlier one", async () => {
  const { names, extend } = boardWith(ground, headline);
  await extend("First");
  await extend("Second");
  expect(names()).toEqual(["Ground", "First", "Second", "Headline", "Picture"]);
});

test("fills a board behind what lies beneath the picture's group", async () => {
  const { host, board, picture, names, extend } = boardWith(headline);
  const group: ShapeData = { ...defaultShape("Group"), type: "group", children: [] };
  host.store.edit((page) => relocateShape(addShape(page, group, board.id), picture.id, group.id, 0));
  expect(await extend()).toBe("behind-others");
  expect(names()).toEqual(["Extension", "Headline", "Group"]);
});

test("lays an extension beneath a group that masks the picture", async () => {
  const { host, board, picture, names, extend } = boardWith();
  const group: ShapeData = { ...defaultShape("Masked"), type: "group", children: [] };
  const mask = rectangle({ name: "Mask", x: 60, y: 10, width: 100, height: 80 });
  host.store.edit((page) =>
    relocateShape(addShape(addShape(page, group, board.id), mask, group.id), picture.id, group.id, 1),
  );
  // The playground has no masks: its groups say so here as Penpot's do.
  const page = host.penpot.currentPage;
  const masked = (shape: Shape): Shape =>
    Object.create(shape, {
      isMask: { value: () => shape.name === "Masked" },
      parent: { get: () => shape.parent && masked(shape.parent) },
    });
  Object.defineProperty(host.penpot, "currentPage", {
    value: { id: page?.id, getShapeById: (id: string) => masked(page!.getShapeById(id)!) },
  });
  await extend();
  expect(names()).toEqual(["Extension", "Masked"]);
});

test("lays an extended picture beneath the board whose fill it extends", async () => {
  const host = new SandboxInPlayground().start();
  const fills = [host.imageFill(100, 80)];
  const size = { width: 100, height: 80 };
  const board: ShapeData = { ...defaultShape("Hero"), ...size, type: "board", children: [], clipContent: true, fills };
  host.store.open(addShape(createDocument("T"), board));
  const around = { x: -20, y: 0, width: 140, height: 80 };
  host.send({ ...placeRequest(host, board.id, around, image), place: "around" });
  const { shapeId } = await host.answer("placed");
  const { document } = host.store.snapshot;
  expect(getContainer(document, document.rootId).children).toEqual([shapeId, board.id]);
});

test.each<[string, (host: SandboxInPlayground, id: ShapeId) => void]>([
  ["was deleted", (host, id) => host.store.edit((page) => removeShape(page, id))],
  [
    "is on a page that was left",
    (host) => host.store.open({ ...createDocument("Other"), fileId: host.store.snapshot.document.fileId }),
  ],
  ["is in a file that was left", (host) => host.store.open(createDocument("Other"))],
])("says what to do when the source %s", async (_, change) => {
  const { host, id } = withPicture();
  const request = placeRequest(host, id, layer, image);
  change(host, id);
  host.send(request);
  const { requestId, error } = await host.answer("failed");
  expect({ requestId, code: error.code }).toEqual({ requestId: 1, code: "source-changed" });
  expect(error.remedy).toMatch(/page|file/);
});

test("notices when the source is deleted during the upload", async () => {
  const { host, id } = withPicture();
  host.send(placeRequest(host, id, layer, image));
  host.store.edit((page) => removeShape(page, id));
  const before = host.store.snapshot.document;
  expect((await host.answer("failed")).error.code).toBe("source-changed");
  expect(host.store.snapshot.document).toBe(before);
});

test("tells size and limit when Penpot refuses the file", async () => {
  const { host, id } = withPicture();
  const bytes = new Uint8Array(PENPOT_MAX_MEDIA_BYTES + 1024 * 1024);
  bytes.set(emptyPng(30, 40));
  host.send({ ...placeRequest(host, id, layer, image), bytes });
  const { error } = await host.answer("failed");
  expect(error.code).toBe("upload-rejected");
  expect(error.message).toBe("Penpot did not accept the picture of 31.0 MiB: media-max-file-size-reached.");
  expect(error.remedy).toContain("30.0 MiB");
});

test("leaves nothing behind when an edit is refused, and closes its undo block", async () => {
  const { host, id } = withPicture();
  const before = host.store.snapshot.document;
  const finish = vi.spyOn(host.store, "finishUndoBlock");
  const createRectangle = host.penpot.createRectangle.bind(host.penpot);
  Object.defineProperty(host.penpot, "createRectangle", {
    value: () =>
      Object.defineProperty(createRectangle(), "resize", {
        value: () => {
          throw new Error("Cannot change the structure of a component copy");
        },
      }),
  });
  host.send(placeRequest(host, id, layer, image));
  const { error } = await host.answer("failed");
  expect(error).toMatchObject({ code: "placement-failed", message: expect.stringContaining("component copy") });
  expect(host.store.snapshot.document.shapes).toEqual(before.shapes);
  expect(finish).toHaveBeenCalledOnce();
});

test("trusts the drawn matrix where the reported rotation is off by half a turn", async () => {
  const { host, id } = withPicture({ rotation: 200 });
  const source = getShape(host.store.snapshot.document, id);
  // What Penpot reports after a turn of 200° at once: both flips and the rotation, which together are 20°.
  const page = host.penpot.currentPage;
  const getShapeById = page?.getShapeById.bind(page);
  Object.defineProperty(host.penpot, "currentPage", {
    value: {
      id: page?.id,
      getShapeById: (shapeId: string) =>
        Object.create(getShapeById?.(shapeId) ?? null, { flipX: { value: true }, flipY: { value: true } }),
    },
  });
  Object.defineProperty(host.penpot, "generateMarkup", {
    value: () => host.context.generateMarkup([host.context.currentPage!.getShapeById(id)!], { type: "svg" }),
  });
  const placed = await place(host, id, layer, image);
  const corner = applyMatrix(matrixOf(placed), { x: 0, y: 0 });
  const expected = pixelOnPage(source, image, false, layer);
  expect(corner.x).toBeCloseTo(expected.x, 4);
  expect(corner.y).toBeCloseTo(expected.y, 4);
});
