import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import type { RgbaImage } from "../../../../shared/imaging/rgba-image.ts";
import { buildPage } from "../../../support/build-page.ts";
import { launchBrowser } from "../../../support/launch-browser.ts";
import { insertChunk } from "../../../support/png-chunks.ts";
import { inRepository } from "../../../support/repository.ts";
import { type StaticServer, serveFolders } from "../../../support/serve-folder.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";

const WIDTH = 61;
const HEIGHT = 37;

let folder: TemporaryFolder;
let server: StaticServer;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder.path, "files"));
  await buildPage(inRepository("tests/plugin/engine-worker/harness"), join(folder.path, "page"));
  server = await serveFolders({ folders: { "/": join(folder.path, "page"), "/files/": join(folder.path, "files") } });
  browser = await launchBrowser();
  page = await browser.newPage();
  await page.goto(`${server.origin}/`);
  await page.waitForFunction(() => "harness" in window);
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
  await folder?.remove();
});

/** Smooth colours with a corner that differs from the others, and alpha that falls from left to right. */
function picture(channels: 3 | 4): Sharp {
  const data = new Uint8Array(WIDTH * HEIGHT * channels);
  for (let y = 0; y < HEIGHT; y += 1)
    for (let x = 0; x < WIDTH; x += 1) {
      const isCorner = x < 20 && y < 12;
      const colour = isCorner ? [250, 30, 30] : [x * 4, y * 6, 128 + Math.round(60 * Math.sin(x / 5))];
      data.set([...colour, 255 - x * 4].slice(0, channels), (y * WIDTH + x) * channels);
    }
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

async function decodeInBrowser(bytes: Uint8Array): Promise<RgbaImage> {
  await writeFile(join(folder.path, "files/picture"), bytes);
  const { width, height, data } = await page.evaluate(() => window.harness.decode("/files/picture"));
  return { width, height, data: Buffer.from(data, "base64") };
}

/** Largest difference of any value; colour counts only as far as it shows. */
async function worstDifference(bytes: Uint8Array): Promise<number> {
  const mine = await decodeInBrowser(bytes);
  const companions = await decodeImage(bytes, "the picture");
  expect([mine.width, mine.height]).toEqual([companions.width, companions.height]);
  let worst = 0;
  for (let at = 0; at < mine.data.length; at += 1) {
    const isInvisible = at % 4 !== 3 && companions.data[at - (at % 4) + 3] === 0;
    if (!isInvisible) worst = Math.max(worst, Math.abs(mine.data[at]! - companions.data[at]!));
  }
  return worst;
}

describe("decodes to the companion's pixels", () => {
  test.each([
    ["a PNG", picture(4).png(), 0],
    ["an interlaced palette PNG", picture(3).png({ palette: true, colours: 12, dither: 0, progressive: true }), 0],
    ["a lossless WebP with alpha", picture(4).webp({ lossless: true, exact: true }), 0],
    ["a GIF", picture(4).gif(), 0],
    ["a lossy WebP", picture(3).webp({ quality: 90 }), 1],
    ["a JPEG", picture(3).jpeg({ quality: 90, chromaSubsampling: "4:4:4" }), 1],
    ["a JPEG with reduced colour", picture(3).jpeg({ quality: 90, chromaSubsampling: "4:2:0" }), 2],
    ["a progressive JPEG", picture(3).jpeg({ quality: 80, progressive: true }), 2],
    ["a grey JPEG", picture(3).greyscale().jpeg({ quality: 90 }), 1],
    ["a PNG in Display P3", picture(3).withIccProfile("p3").png(), 2],
    ["a JPEG in Display P3", picture(3).withIccProfile("p3").jpeg({ quality: 95, chromaSubsampling: "4:4:4" }), 2],
    ["a CMYK JPEG without a profile", picture(3).toColourspace("cmyk").jpeg({ quality: 95 }), 2],
  ])("%s", async (_, encoded, tolerance) => {
    expect(await worstDifference(await encoded.toBuffer())).toBeLessThanOrEqual(tolerance);
  });

  test("a PNG of linear light, also one that only the browser itself reads", async () => {
    const linear = Uint8Array.of(0, 0x01, 0x86, 0xa0);
    const grey = picture(3).greyscale().png({ palette: true, colours: 4, dither: 0, progressive: true });
    for (const png of [picture(4).png(), grey])
      expect(await worstDifference(insertChunk(await png.toBuffer(), "gAMA", linear))).toBeLessThanOrEqual(1);
  });

  test.each(["png", "jpeg"] as const)("a turned %s, upright", async (format) => {
    for (let orientation = 2; orientation <= 8; orientation += 1) {
      const turned = picture(3).withMetadata({ orientation }).toFormat(format, { quality: 95 });
      expect(await worstDifference(await turned.toBuffer()), `orientation ${orientation}`).toBeLessThanOrEqual(2);
    }
  });
});

test("shows a WebP as it is stored, whatever its EXIF block says", async () => {
  const turned = await picture(3).withMetadata({ orientation: 6 }).webp().toBuffer();
  expect(await worstDifference(turned)).toBeLessThanOrEqual(1);
  expect(await decodeInBrowser(turned)).toMatchObject({ width: WIDTH, height: HEIGHT });
});

test.each(["png", "jpeg", "webp", "gif"] as const)("refuses a truncated %s, as the companion does", async (format) => {
  const whole = await picture(3).toFormat(format).toBuffer();
  const half = whole.subarray(0, Math.floor(whole.length / 2));
  await expect(decodeImage(half, "the picture")).rejects.toMatchObject({ code: "unreadable-image" });
  await expect(decodeInBrowser(half)).rejects.toThrow(
    /the picture (is damaged or incomplete|ends too early: .* missing)/,
  );
});

test.each([1, 2])("takes a JPEG without its last %i bytes, as the companion does", async (missing) => {
  const whole = await picture(3).jpeg().toBuffer();
  const cut = whole.subarray(0, whole.length - missing);
  expect(Buffer.from((await decodeInBrowser(cut)).data)).toEqual(Buffer.from((await decodeInBrowser(whole)).data));
  expect((await decodeImage(cut, "the picture")).lacksEnd).toBe(true);
});

test.each([0.7, 0.97])("refuses a JPEG of which only %f is there, as the companion does", async (share) => {
  const whole = await picture(3).jpeg().toBuffer();
  const cut = whole.subarray(0, Math.floor(whole.length * share));
  await expect(decodeImage(cut, "the picture")).rejects.toMatchObject({ code: "unreadable-image" });
  await expect(decodeInBrowser(cut)).rejects.toThrow(
    /the picture (is damaged or incomplete|ends too early: .* missing)/,
  );
});
