import { createHash } from "node:crypto";
import { decode, encode } from "fast-png";
import { controlParts } from "../../../../shared/protocol/control.ts";
import type { EditResult } from "../../../../shared/protocol/edit-event.ts";
import { type EditRequest, referenceParts } from "../../../../shared/protocol/edit-request.ts";
import type { PixelRect, PixelSize } from "../../../../shared/protocol/geometry.ts";

type Rgb = readonly [number, number, number];

/** A picture from a function of its pixels, as PNG. */
export function pngOf(
  width: number,
  height: number,
  colourAt: (x: number, y: number) => readonly [...Rgb, number],
): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(colourAt(x, y), (y * width + x) * 4);
  return new Uint8Array(encode({ width, height, data, channels: 4, depth: 8 }));
}

/** Sky, sun, hills and sand. */
export function landscape(width: number, height: number): Uint8Array<ArrayBuffer> {
  return pngOf(width, height, (x, y) => {
    const u = x / width;
    const v = y / height;
    if (Math.hypot((u - 0.76) * (width / height), v - 0.2) < 0.09) return [255, 214, 92, 255];
    const hill = 0.52 - 0.08 * Math.sin(u * 9) - 0.05 * Math.sin(u * 4 + 1);
    if (v < hill) return [140 - v * 30, 204 - v * 10, 255, 255];
    if (v < 0.62) return [93, 175, 124, 255];
    return [243, 213, 145 - v * 12, 255];
  });
}

/** The painted part of a mask, with its bounds. */
export function readMask(png: Uint8Array): { bounds: PixelRect; isPainted: (x: number, y: number) => boolean } {
  const { width, height, data, channels, depth } = decode(png);
  if (channels !== 1 || depth !== 8) throw new Error(`the mask has ${channels} channels of ${depth} bits`);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      if (data[y * width + x] === 0) continue;
      [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
    }
  }
  return {
    bounds: { x: left, y: top, width: right - left + 1, height: bottom - top + 1 },
    isPainted: (x, y) => x < width && y < height && data[y * width + x] !== 0,
  };
}

/** A layer that fills the mask with an orange ball on sand. */
export function layerFor(mask: Uint8Array): { png: Uint8Array<ArrayBuffer>; area: PixelRect } {
  const { bounds, isPainted } = readMask(mask);
  const png = pngOf(bounds.width, bounds.height, (x, y) => {
    const alpha = isPainted(x + bounds.x, y + bounds.y) ? 255 : 0;
    const distance = Math.hypot((x + 0.5) / bounds.width - 0.5, (y + 0.5) / bounds.height - 0.5);
    return distance < 0.36 ? [240, 150 - distance * 90, 40, alpha] : [240, 210, 140, alpha];
  });
  return { png, area: bounds };
}

/** A result of a scripted edit: its PNG and where it lies. */
export interface ScriptedResult {
  readonly png: Uint8Array<ArrayBuffer>;
  readonly layer: PixelRect;
  readonly pixels: PixelSize;
}

/** What an engine could answer to a request: the right size at the right place, in colours that tell variants apart. */
export function pictureFor(
  request: EditRequest,
  parts: { readonly image?: Uint8Array | undefined; readonly mask?: Uint8Array | undefined },
  variant = 0,
): ScriptedResult {
  if (request.task === "inpaint") {
    const { png, area } = layerFor(parts.mask ?? new Uint8Array());
    return { png, layer: area, pixels: { width: area.width, height: area.height } };
  }
  const layer = layerOf(request, parts.image);
  const { width, height } = request.task === "upscale" ? request : layer;
  const png = pngOf(width, height, (x, y) => [
    (60 + variant * 60) % 256,
    Math.round((x / width) * 255),
    Math.round((y / height) * 255),
    255,
  ]);
  return { png, layer, pixels: { width, height } };
}

function layerOf(request: Exclude<EditRequest, { task: "inpaint" }>, image: Uint8Array | undefined): PixelRect {
  if (request.task === "create") return { x: 0, y: 0, width: request.width, height: request.height };
  const { width, height } = decode(image ?? new Uint8Array());
  if (request.task !== "outpaint") return { x: 0, y: 0, width, height };
  const { left, right, top, bottom } = request;
  return { x: -left, y: -top, width: width + left + right, height: height + top + bottom };
}

const someHash = "0".repeat(64);
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

export function resultFor(
  request: EditRequest,
  { layer, pixels }: Omit<ScriptedResult, "png">,
  variant = 0,
  references: readonly Uint8Array[] = [],
  controls: readonly (Uint8Array | undefined)[] = [],
): EditResult {
  return {
    variant,
    layer,
    pixels,
    recipe: {
      // The panel hands recipes on and reads no plan, so one whose plan has any form will do.
      version: 1,
      request,
      variant,
      seed: request.seed + variant,
      plan: {},
      inputs: {
        image: someHash,
        mask: someHash,
        ...Object.fromEntries(references.map((each, k) => [referenceParts[k], hashOf(each)])),
        ...Object.fromEntries(controls.flatMap((each, k) => (each ? [[controlParts[k], hashOf(each)]] : []))),
      },
      model: { id: request.model, files: {} },
      engine: { place: "companion", device: "cpu", provider: "scripted", version: "0" },
    },
  };
}
