import { encode } from "fast-png";
import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { decodeGreyPng, decodePng } from "../../../../plugin/engine-worker/pictures/decode-png.ts";
import { insertChunk } from "../../../support/png-chunks.ts";

// Neither is a multiple of 8, so packed rows end inside a byte.
const WIDTH = 13;
const HEIGHT = 11;

function noise(length: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state >>> 24;
  });
}

async function expectCompanionsPixels(png: Uint8Array): Promise<void> {
  const mine = decodePng(png);
  const companions = await decodeImage(png, "the picture");
  expect(mine?.width).toBe(companions.width);
  expect(mine?.height).toBe(companions.height);
  expect(Buffer.from(mine?.data ?? []).equals(Buffer.from(companions.data))).toBe(true);
}

describe("gives the companion's pixels", () => {
  const channelCounts = [1, 2, 3, 4] as const;

  test.each(channelCounts.flatMap((channels) => [8, 16].map((depth) => ({ channels, depth }))))(
    "for $channels channels of $depth bits",
    async ({ channels, depth }) => {
      const values = noise(WIDTH * HEIGHT * channels * 2, channels);
      const data = depth === 8 ? values.subarray(0, WIDTH * HEIGHT * channels) : new Uint16Array(values.buffer);
      await expectCompanionsPixels(encode({ width: WIDTH, height: HEIGHT, channels, depth: depth as 8 | 16, data }));
    },
  );

  test.each([2, 4, 16, 200])("for a palette of %i colours, half transparent", async (colours) => {
    const raw = { width: WIDTH, height: HEIGHT, channels: 4 } as const;
    const picture = sharp(noise(WIDTH * HEIGHT * 4, colours), { raw });
    await expectCompanionsPixels(await picture.png({ palette: true, colours, dither: 0 }).toBuffer());
  });

  test.each([1, 2, 4] as const)("for grey of %i bits", async (depth) => {
    const rowBytes = Math.ceil((WIDTH * depth) / 8);
    const data = noise(rowBytes * HEIGHT, depth);
    await expectCompanionsPixels(encode({ width: WIDTH, height: HEIGHT, channels: 1, depth, data }));
  });

  test.each(["8", "16"])("for interlaced rows of %s bits", async (depth) => {
    const raw = { width: WIDTH, height: HEIGHT, channels: 4 } as const;
    const picture = sharp(noise(WIDTH * HEIGHT * 4, 5), { raw }).toColourspace(depth === "16" ? "rgb16" : "srgb");
    await expectCompanionsPixels(await picture.png({ progressive: true }).toBuffer());
  });

  test.each([8, 16] as const)("where samples of %i bits are linear light", async (depth) => {
    const values = noise(WIDTH * HEIGHT * 4 * 2, 7);
    const data = depth === 8 ? values.subarray(0, WIDTH * HEIGHT * 4) : new Uint16Array(values.buffer);
    const png = encode({ width: WIDTH, height: HEIGHT, channels: 4, depth, data });
    await expectCompanionsPixels(insertChunk(png, "gAMA", Uint8Array.of(0, 0x01, 0x86, 0xa0)));
  });

  test("where a palette's colours are linear light", async () => {
    const picture = sharp(noise(WIDTH * HEIGHT * 3, 8), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } });
    const png = await picture.png({ palette: true, colours: 16, dither: 0 }).toBuffer();
    await expectCompanionsPixels(insertChunk(png, "gAMA", Uint8Array.of(0, 0x01, 0x86, 0xa0)));
  });

  test.each([1, 3] as const)("where one colour of %i channels stands for transparent", async (channels) => {
    const data = noise(WIDTH * HEIGHT * channels, 3);
    const png = encode({ width: WIDTH, height: HEIGHT, channels, depth: 8, data });
    const firstColour = Array.from(data.subarray(0, channels)).flatMap((value) => [0, value]);
    await expectCompanionsPixels(insertChunk(png, "tRNS", Uint8Array.from(firstColour)));
  });
});

test("keeps colour under full transparency", () => {
  const data = Uint8Array.from([12, 34, 56, 0]);
  expect(decodePng(encode({ width: 1, height: 1, channels: 4, depth: 8, data }))?.data).toEqual(
    Uint8ClampedArray.from(data),
  );
});

test("leaves pictures with a wide colour profile to the browser, and keeps those with sRGB's", async () => {
  const picture = sharp({ create: { width: 4, height: 4, channels: 3, background: "red" } });
  expect(decodePng(await picture.clone().withIccProfile("p3").png().toBuffer())).toBeUndefined();
  expect(decodePng(await picture.clone().withIccProfile("srgb").png().toBuffer())?.width).toBe(4);
});

test("throws for a picture that ends too early", () => {
  const png = encode({ width: WIDTH, height: HEIGHT, channels: 3, depth: 8, data: noise(WIDTH * HEIGHT * 3, 1) });
  for (const length of [20, 60, png.length - 30, png.length - 13])
    expect(() => decodePng(png.subarray(0, length))).toThrow();
});

describe("the greys of a mask", () => {
  const greys = noise(WIDTH * HEIGHT, 11);
  const grey = () => encode({ width: WIDTH, height: HEIGHT, channels: 1, depth: 8, data: greys });

  test("come as they are stored, whatever gamma the file states", () => {
    const stored = { width: WIDTH, height: HEIGHT, data: greys };
    expect(decodeGreyPng(grey())).toEqual(stored);
    expect(decodeGreyPng(insertChunk(grey(), "gAMA", Uint8Array.of(0, 0x01, 0x86, 0xa0)))).toEqual(stored);
  });

  test.each([
    ["where one grey stands for transparent", insertChunk(grey(), "tRNS", Uint8Array.of(0, greys[0]!))],
    ["of 16 bits", encode({ width: 2, height: 1, channels: 1, depth: 16, data: Uint16Array.of(1, 2) })],
    ["with alpha", encode({ width: 2, height: 1, channels: 2, depth: 8, data: Uint8Array.of(1, 2, 3, 4) })],
  ])("are left to the other decoder %s", (_, png) => {
    expect(decodeGreyPng(png)).toBeUndefined();
  });
});
