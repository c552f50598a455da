import { randomUUID } from "node:crypto";
import type { Board, Penpot, Shape } from "@penpot/plugin-types";
import type { Browser } from "playwright-core";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawRegion } from "../../../plugin/ui/masks/shapes/draw-region.ts";
import { decodePlainPng } from "../../../plugin/ui/pixels/decode-pixels.ts";
import { composeLayers } from "../../../plugin/ui/source/compose-layers.ts";
import { mergeResult } from "../../../plugin/ui/source/merge-result.ts";
import { padLayer } from "../../../plugin/ui/source/pad-layer.ts";
import type { RgbaImage } from "../../../shared/imaging/rgba-image.ts";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import { launchBrowser } from "../../support/launch-browser.ts";
import { aRecipe } from "../sandbox/a-recipe.ts";
import { openPlayground, type PlaygroundPage, told } from "./playground-page.ts";

let browser: Browser;
let opened: PlaygroundPage;

beforeAll(async () => {
  browser = await launchBrowser();
  opened = await openPlayground(browser);
}, 60_000);
afterAll(() => browser.close());

const size = { width: 96, height: 64 };
/** Everything that the tests put on the page, in page units. */
const area = { x: 2_000, y: 2_000, width: 260, height: 220 };

/** Smooth, so that resampling makes no edges of its own. */
function picture({ width, height }: { width: number; height: number }, phase: number): RgbaImage {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y += 1)
    for (let x = 0; x < width; x += 1)
      data.set(
        [128 + 60 * Math.sin(x / 14 + phase), 110 + 50 * Math.cos(y / 11 + phase), 90 + x / 2, 255],
        (y * width + x) * 4,
      );
  return { width, height, data };
}

/** A result that is transparent along its border and opaque inside. */
function result(place: PixelRect): RgbaImage {
  const layer = picture(place, 2);
  const { data } = layer as { data: Uint8Array };
  for (let y = 0; y < place.height; y += 1)
    for (let x = 0; x < place.width; x += 1) {
      const inside = Math.min(x, y, place.width - 1 - x, place.height - 1 - y);
      if (inside < 4) data.set([0, 0, 0, 0], (y * place.width + x) * 4);
    }
  return layer;
}

const png = async ({ width, height, data }: RgbaImage) => [
  ...(await sharp(data, { raw: { width, height, channels: 4 } })
    .png()
    .toBuffer()),
];

type Build = (penpot: Penpot, shape: Shape) => unknown;
const middle = { x: 30, y: 18, width: 36, height: 28 };
const corner = { x: 0, y: 0, width: 40, height: 30 };

/* Run in the page: nothing from outside of them is there. */
const cases: readonly (readonly [string, Build, PixelRect, "part" | "whole"])[] = [
  ["upright", () => {}, corner, "part"],
  ["rotated", (_, shape) => Object.assign(shape, { rotation: 30 }), middle, "part"],
  ["flipped", (_, shape) => Object.assign(shape, { flipX: true }), corner, "part"],
  ["scaled", (_, shape) => shape.resize(150, 70), middle, "part"],
  [
    "cropped",
    (_, shape) => {
      const [fill] = shape.fills as { fillImage: { data: unknown } }[];
      const image = fill?.fillImage;
      shape.fills = [{ fillOpacity: 1, fillImage: { ...image, data: image?.data, keepAspectRatio: true } }] as never;
      shape.resize(64, 64);
    },
    middle,
    "part",
  ],
  [
    "nested",
    (penpot, shape) => {
      const group = penpot.group([shape]);
      if (group) group.rotation = 15;
    },
    middle,
    "part",
  ],
  [
    "masked",
    (penpot, shape) => {
      const mask = penpot.createEllipse();
      mask.resize(70, 50);
      mask.x = shape.x + 10;
      mask.y = shape.y + 5;
      penpot.group([shape, mask]);
      // The mask is the lowest of its group.
      mask.sendToBack();
      (mask.parent as { makeMask?: () => void } | null)?.makeMask?.();
    },
    middle,
    "part",
  ],
  [
    "stroked",
    (_, shape) => {
      shape.strokes = [{ strokeColor: "#ff0000", strokeWidth: 6, strokeAlignment: "center", strokeOpacity: 1 }];
    },
    middle,
    "part",
  ],
  [
    "shadowed",
    (_, shape) => {
      shape.shadows = [
        { style: "drop-shadow", offsetX: 6, offsetY: 6, blur: 8, color: { color: "#000000", opacity: 1 } },
      ];
    },
    corner,
    "part",
  ],
  ["half opaque", (_, shape) => Object.assign(shape, { opacity: 0.5 }), middle, "part"],
  ["multiplied", (_, shape) => Object.assign(shape, { blendMode: "multiply" }), middle, "part"],
  ["rounded", (_, shape) => Object.assign(shape, { borderRadius: 24 }), corner, "whole"],
  [
    "in a flex layout",
    (penpot, shape) => {
      const board = shape.parent as unknown as Board;
      if (board.type === "board") board.addFlexLayout();
      penpot.selection = [shape];
    },
    middle,
    "part",
  ],
];

async function render(): Promise<Buffer> {
  const pixels = await opened.page.evaluate(async (rect) => {
    const { data } = await window.overpaintPlayground.renderPixels(rect);
    let text = "";
    for (let i = 0; i < data.length; i += 8_192) text += String.fromCharCode(...data.subarray(i, i + 8_192));
    return btoa(text);
  }, area);
  return Buffer.from(pixels, "base64");
}

/** Puts the picture on a coloured board of its own, as the case wants it, and selects it. */
async function build(source: readonly number[], setUp: Build, type: "rectangle" | "ellipse"): Promise<string> {
  return await opened.page.evaluate(
    async ({ bytes, code, type, area }) => {
      const { penpot } = window.overpaintPlayground as unknown as { penpot: Penpot };
      penpot.flags.naturalChildOrdering = true;
      for (const shape of penpot.currentPage?.findShapes({ name: "Stage" }) ?? []) shape.remove();
      const board = penpot.createBoard();
      board.name = "Stage";
      board.resize(area.width, area.height);
      board.x = area.x;
      board.y = area.y;
      board.fills = [{ fillColor: "#88bbdd", fillOpacity: 1 }];
      const shape = type === "ellipse" ? penpot.createEllipse() : penpot.createRectangle();
      shape.name = "Beach";
      shape.fills = [
        { fillOpacity: 1, fillImage: await penpot.uploadMediaData("beach", new Uint8Array(bytes), "image/png") },
      ];
      shape.resize(96, 64);
      board.appendChild(shape);
      shape.x = area.x + 70;
      shape.y = area.y + 60;
      new Function("penpot", "shape", `(${code})(penpot, shape)`)(penpot, shape);
      penpot.selection = [];
      penpot.selection = [shape];
      return shape.id;
    },
    { bytes: source, code: setUp.toString(), type, area },
  );
}

async function say(message: Record<string, unknown> & { bytes: number[] }) {
  await (await opened.panel()).evaluate(
    ({ bytes, ...rest }) => window.say({ ...rest, bytes: new Uint8Array(bytes) }),
    message,
  );
}

/** The picture as the panel is told of it once it is selected. */
async function selected(shapeId: string) {
  const panel = await opened.panel();
  await expect
    .poll(async () => {
      const { selection } = await told(panel, "selection");
      return selection.type === "image" && selection.image.shapeId;
    })
    .toBe(shapeId);
  const { selection } = await told(panel, "selection");
  if (selection.type !== "image") throw new Error("the picture is selected");
  return selection.image;
}

/** Inserts and renders, then takes it back. */
async function placed(message: Record<string, unknown> & { bytes: number[] }): Promise<Buffer> {
  const panel = await opened.panel();
  await panel.evaluate(() => void window.messages.splice(0));
  await say(message);
  await told(panel, "placed");
  const after = await render();
  await opened.page.evaluate(() => window.overpaintPlayground.undo());
  return after;
}

/** Pixels that differ, and those next to them. */
function changedPixels(before: Buffer, after: Buffer, reach: number): Set<number> {
  const changed = new Set<number>();
  for (let pixel = 0; pixel < before.length / 4; pixel += 1) {
    if (before.readUInt32LE(pixel * 4) === after.readUInt32LE(pixel * 4)) continue;
    const [x, y] = [pixel % area.width, Math.floor(pixel / area.width)];
    for (let dy = -reach; dy <= reach; dy += 1)
      for (let dx = -reach; dx <= reach; dx += 1) changed.add((y + dy) * area.width + x + dx);
  }
  return changed;
}

test.each([
  ...cases.map(([name, setUp, layer, how]) => [name, setUp, layer, how, "rectangle"] as const),
  ["an ellipse", () => {}, corner, "whole", "ellipse"] as const,
])(
  "a layer looks as the picture with the same pixels does, and changes nothing around it: %s",
  async (_, setUp, layer, how, type) => {
    const source = picture(size, 0);
    const cutout = result(layer);
    const merged = { ...source, data: new Uint8Array(source.data) };
    const white = {
      width: layer.width,
      height: layer.height,
      data: new Uint8Array(layer.width * layer.height).fill(0),
    };
    mergeResult(merged, cutout, layer, white);

    const shapeId = await build(await png(source), setUp, type);
    const { pageId, mediaId, image } = await selected(shapeId);
    const request = {
      requestId: 1,
      from: { pageId, shapeId, mediaId, image },
      anyway: false,
      drawnOn: [],
      stacks: true,
      growsBoard: false,
      name: "a cat",
      mime: "image/png",
      recipe: aRecipe,
    };
    const before = await render();
    const layered = await placed({
      ...request,
      type: "place-layer",
      placementId: randomUUID(),
      place: how,
      layer: how === "whole" ? { x: 0, y: 0, ...size } : layer,
      bytes: await png(how === "whole" ? padLayer(cutout, layer, size) : cutout),
    });
    expect((await render()).equals(before)).toBe(true);
    const expected = await placed({
      ...request,
      type: "replace-picture",
      placementId: randomUUID(),
      bytes: await png(merged),
    });

    const inside = changedPixels(before, expected, 1);
    expect(inside.size).toBeGreaterThan(200);
    const border = changedPixels(before, expected, 0);
    let [outside, worst] = [0, 0];
    for (let pixel = 0; pixel < before.length / 4; pixel += 1) {
      const isSame = before.readUInt32LE(pixel * 4) === layered.readUInt32LE(pixel * 4);
      if (!inside.has(pixel) && !isSame) outside += 1;
      // Where the layer ends, the two are resampled apart: two pixels of a picture that is shown half as large again.
      const neighbours = [-4, -3, -2, -1, 1, 2, 3, 4].flatMap((by) => [pixel + by, pixel + by * area.width]);
      if (!border.has(pixel) || neighbours.some((near) => !border.has(near))) continue;
      for (let c = 0; c < 4; c += 1)
        worst = Math.max(worst, Math.abs((expected[pixel * 4 + c] as number) - (layered[pixel * 4 + c] as number)));
    }
    expect({ outside, worst: worst <= 2 ? "at most 2" : worst }).toEqual({ outside: 0, worst: "at most 2" });
  },
);

test.each([0.5, 0.52, 1.5])("an extension leaves no line around its picture at %f×", async (zoom) => {
  const flat = (width: number, height: number): RgbaImage => {
    const data = new Uint8Array(width * height * 4);
    for (let i = 0; i < data.length; i += 4) data.set([64, 96, 128, 255], i);
    return { width, height, data };
  };
  const shapeId = await build(
    await png(flat(96, 64)),
    (_, shape) => Object.assign(shape, { x: shape.x + 0.3 }),
    "rectangle",
  );
  const { pageId, mediaId, image } = await selected(shapeId);
  const around = { x: -40, y: -30, width: 176, height: 124 };
  const extension = flat(around.width, around.height);
  // Beneath the picture the extension ends after the overlap of four pixels.
  for (let y = 34; y < 90; y += 1)
    for (let x = 44; x < 132; x += 1) (extension.data as Uint8Array).fill(0, (y * 176 + x) * 4, (y * 176 + x) * 4 + 4);
  const panel = await opened.panel();
  await panel.evaluate(() => void window.messages.splice(0));
  await say({
    type: "place-layer",
    requestId: 2,
    placementId: randomUUID(),
    from: { pageId, shapeId, mediaId, image },
    anyway: false,
    drawnOn: [],
    stacks: true,
    growsBoard: false,
    name: "around",
    mime: "image/png",
    recipe: aRecipe,
    place: "around",
    layer: around,
    bytes: await png(extension),
  });
  expect((await told(panel, "placed")).stacking).toBe("behind-source");
  const worst = await opened.page.evaluate(
    async ({ zoom, rect }) => {
      const { data } = await window.overpaintPlayground.renderPixels(rect, zoom);
      let most = 0;
      for (let i = 0; i < data.length; i += 4)
        for (const [c, value] of [64, 96, 128].entries()) most = Math.max(most, Math.abs((data[i + c] ?? 0) - value));
      return most;
    },
    { zoom, rect: { x: area.x + 40, y: area.y + 40, width: 150, height: 100 } },
  );
  expect(worst).toBeLessThanOrEqual(2);
});

test("what an edit begins from is what the page shows: the picture with the layers that were laid over it", async () => {
  const source = picture(size, 0);
  const shapeId = await build(await png(source), () => {}, "rectangle");
  const { pageId, mediaId, image } = await selected(shapeId);
  const panel = await opened.panel();
  const drawnOn: string[] = [];
  for (const layer of [corner, middle]) {
    await panel.evaluate(() => void window.messages.splice(0));
    await say({
      type: "place-layer",
      requestId: 3,
      placementId: randomUUID(),
      from: { pageId, shapeId, mediaId, image },
      anyway: false,
      drawnOn,
      stacks: true,
      growsBoard: false,
      name: "a cat",
      mime: "image/png",
      recipe: aRecipe,
      place: "part",
      layer,
      bytes: await png(result(layer)),
    });
    drawnOn.push((await told(panel, "placed")).shapeId);
  }
  await opened.page.evaluate(([lower, upper]) => {
    const { penpot } = window.overpaintPlayground as unknown as { penpot: Penpot };
    const shape = (id: string | undefined) => penpot.currentPage?.getShapeById(id ?? "") as Shape;
    Object.assign(shape(lower), { blendMode: "multiply" });
    Object.assign(shape(upper), { opacity: 0.6, rotation: 25 });
  }, drawnOn);

  await panel.evaluate(({ id }) => window.say({ type: "read-source", requestId: 4, shapeId: id }), { id: shapeId });
  await told(panel, "source");
  const layers = await panel.evaluate(() => {
    const message = window.messages.findLast(({ type }) => type === "source");
    if (message?.type !== "source") throw new Error("the source was answered");
    return message.layers.map((layer) => ({ ...layer, bytes: [...layer.bytes] }));
  });
  expect(layers.map((layer) => layer.shapeId)).toEqual(drawnOn);
  const decoded = layers.map(({ bytes, ...layer }) => {
    const pixels = decodePlainPng(Uint8Array.from(bytes));
    if (pixels === undefined) throw new Error("layers are plain PNGs");
    return { ...layer, pixels };
  });
  const composed = { ...source, data: new Uint8Array(source.data) };
  composeLayers(composed, decoded);

  const shown = await render();
  let [worst, sum] = [0, 0];
  for (let y = 0; y < size.height; y += 1)
    for (let x = 0; x < size.width; x += 1)
      for (let c = 0; c < 3; c += 1) {
        const page = shown[((y + 60) * area.width + x + 70) * 4 + c] as number;
        const off = Math.abs(page - (composed.data[(y * size.width + x) * 4 + c] as number));
        worst = Math.max(worst, off);
        sum += off;
      }
  // Along the border of the turned layer the browser smooths edges in its own way.
  expect(worst).toBeLessThanOrEqual(24);
  expect(sum / (size.width * size.height * 3)).toBeLessThan(0.25);
});

test("makes a mask of a text just where the text stands", async () => {
  const shapeId = await build(await png(picture(size, 0)), () => {}, "rectangle");
  await selected(shapeId);
  const { textId, alone } = await opened.page.evaluate(async ({ x, y, width, height }) => {
    const { penpot, renderPixels } = window.overpaintPlayground as unknown as {
      penpot: Penpot;
      renderPixels: typeof window.overpaintPlayground.renderPixels;
    };
    const text = penpot.createText("Sale");
    if (!text) throw new Error("a text was made");
    text.fontSize = "24";
    text.growType = "fixed";
    text.resize(70, 34);
    // Where nothing else is, its opacity is the page's.
    text.x = x + 2_000 + 80;
    text.y = y + 70;
    const { data } = await renderPixels({ x: x + 2_000, y, width, height });
    text.x -= 2_000;
    return { textId: text.id, alone: [...data].filter((_, i) => i % 4 === 3) };
  }, area);
  const panel = await opened.panel();
  await panel.evaluate(
    (ids) => window.say({ type: "read-mask", requestId: 5, shapeId: ids[0], shapeIds: [ids[1]], by: "outline" }),
    [shapeId, textId],
  );
  await told(panel, "mask");
  const drawn = await panel.evaluate(() => {
    const message = window.messages.findLast(({ type }) => type === "mask");
    const region = message?.type === "mask" && message.region.type === "union" ? message.region.regions[0] : undefined;
    if (region?.type !== "picture") throw new Error("a text is drawn");
    return { ...region, bytes: [...region.bytes] };
  });
  const region = { ...drawn, bytes: Uint8Array.from(drawn.bytes) };
  const patch = await drawRegion(region, size, async (bytes) => {
    const { data, info } = await sharp(bytes).extractChannel(3).raw().toBuffer({ resolveWithObject: true });
    return { width: info.width, height: info.height, data };
  });
  if (patch === undefined) throw new Error("the text lies on the picture");
  let [worst, most] = [0, 0];
  for (let row = 0; row < patch.place.height; row += 1)
    for (let column = 0; column < patch.place.width; column += 1) {
      const value = patch.data[row * patch.place.width + column] as number;
      const [x, y] = [patch.place.x + column + 70, patch.place.y + row + 60];
      most = Math.max(most, value);
      worst = Math.max(worst, Math.abs(value - (alone[y * area.width + x] as number)));
    }
  expect(most).toBe(255);
  expect(worst).toBeLessThanOrEqual(1);
});
