import { access, cp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { RECIPE_KEYWORD } from "../../../../shared/editing/layer/provenance.ts";
import { readPngText, XMP_KEYWORD } from "../../../../shared/imaging/metadata/png-metadata.ts";
import { recipeSchema } from "../../../../shared/protocol/recipe.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { pattern, pngOf, pngThatClaims } from "../../support/pictures.ts";
import { finished, runOverpaint, startOverpaint } from "../../support/run-overpaint.ts";

/** Odd on purpose: no size of the model divides it. */
const width = 201;
const height = 157;
const painted = { x: 60, y: 40, width: 61, height: 59 };
/** More than the mask plan of this size grows, feathers and blends together. */
const REACH = 40;

let folder: TemporaryFolder;
const at = (name: string) => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  const photo = Uint8Array.from({ length: width * height * 4 }, (_, i) => {
    const pixel = i >> 2;
    return i % 4 === 3 ? 255 : ((pixel % width) * 2 + Math.floor(pixel / width) * (1 + (i % 4))) % 256;
  });
  // A transparent corner with colour below it.
  for (let y = 0; y < 10; y += 1) for (let x = 0; x < 10; x += 1) photo[(y * width + x) * 4 + 3] = 0;
  await writeFile(at("photo.png"), await pngOf({ width, height, channels: 4 }, photo));
  await writeFile(at("mask.png"), await maskOf(painted));
});
afterAll(() => folder.remove());

async function maskOf(white: { x: number; y: number; width: number; height: number }): Promise<Uint8Array> {
  const data = new Uint8Array(width * height);
  for (let y = white.y; y < white.y + white.height; y += 1)
    data.fill(255, y * width + white.x, y * width + white.x + white.width);
  return pngOf({ width, height, channels: 1 }, data);
}

function inpaint(...args: string[]) {
  return runOverpaint(["inpaint", "photo.png", "--mask", "mask.png", ...args], folder.path);
}

async function decode(name: string) {
  return decodeImage(await readFile(at(name)), name);
}

test("gives the same bytes twice, at exactly the source's size, and touches nothing far from the mask", async () => {
  const args = ["--prompt", "a cat face", "--seed", "7"];
  expect(await inpaint(...args, "-o", "one.png")).toEqual({ code: 0, stdout: "", stderr: "" });
  expect((await inpaint(...args, "-o", "two.png")).code).toBe(0);
  expect((await readFile(at("one.png"))).equals(await readFile(at("two.png")))).toBe(true);

  const [before, after] = [await decode("photo.png"), await decode("one.png")];
  expect(after).toMatchObject({ width, height });
  let changedInside = 0;
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const isSame = [0, 1, 2, 3].every((c) => before.data[pixel * 4 + c] === after.data[pixel * 4 + c]);
    const distance = Math.max(
      painted.x - x,
      x - (painted.x + painted.width - 1),
      painted.y - y,
      y - (painted.y + painted.height - 1),
    );
    if (distance > REACH) expect(isSame, `pixel ${x}, ${y}`).toBe(true);
    if (distance <= 0 && !isSame) changedInside += 1;
  }
  expect(changedInside).toBeGreaterThan(painted.width * painted.height * 0.9);
});

test("carries its recipe and says that it was made by a model", async () => {
  await inpaint("--seed", "3", "-o", "recipe.png");
  const texts = readPngText(await readFile(at("recipe.png")));
  const text = (wanted: string) => texts.find(({ keyword }) => keyword === wanted)?.text ?? "";
  const recipe = recipeSchema.parse(JSON.parse(text(RECIPE_KEYWORD)));
  expect(recipe).toMatchObject({ seed: 3, model: { id: "starter" }, engine: { place: "companion", device: "cpu" } });
  expect(Object.keys(recipe.model.files)).toContain("unet/model.onnx");
  expect(text(XMP_KEYWORD)).toContain("compositeWithTrainedAlgorithmicMedia");

  const shown = await runOverpaint(["recipe", "show", "recipe.png"], folder.path);
  expect(JSON.parse(shown.stdout)).toEqual(JSON.parse(text(RECIPE_KEYWORD)));
});

test("numbers variants, and variant k is what seed + k draws", async () => {
  expect((await inpaint("--seed", "7", "--count", "2", "--steps", "3", "-o", "many.png")).code).toBe(0);
  expect((await inpaint("--seed", "8", "--steps", "3", "-o", "second.png")).code).toBe(0);
  const [first, second, alone] = await Promise.all(["many-1.png", "many-2.png", "second.png"].map(decode));
  expect(second?.data).toEqual(alone?.data);
  expect(first?.data).not.toEqual(second?.data);
});

test("writes the cut layer, and tells in JSON where it lies and where the time went", async () => {
  const { stdout } = await inpaint("--layer", "--json", "--steps", "3", "-o", "layer.png");
  const summary = JSON.parse(stdout);
  expect(summary).toMatchObject({
    files: ["layer.png"],
    seed: 0,
    model: "starter",
    device: "cpu",
    // A removal begins from its surroundings, at strength 0.4: the last three of eight steps are drawn.
    plan: { task: "inpaint", intent: "remove", passes: [{ schedule: { steps: 8, strength: 0.4 } }] },
  });
  const layer = await decode("layer.png");
  expect(layer).toMatchObject({ width: summary.width, height: summary.height });
  expect(summary.width).toBeLessThan(width);
  expect(summary.offset.x).toBeLessThanOrEqual(painted.x);
  expect(summary.offset.x + summary.width).toBeGreaterThanOrEqual(painted.x + painted.width);
  const { total, sessionRun, textEncoder, vaeEncoder, unet, vaeDecoder, ...stages } = summary.timings;
  for (const part of [textEncoder, vaeEncoder, unet, vaeDecoder]) expect(part).toBeGreaterThan(0);
  expect(textEncoder + vaeEncoder + unet + vaeDecoder).toBeCloseTo(sessionRun, 0); // tenths of a millisecond are rounded
  expect(sessionRun).toBeLessThan(stages.edit);
  const names = ["chooseDevice", "decodeInputs", "edit", "encodeResults", "hashModel", "modelLoad", "writeResults"];
  expect(Object.keys(stages).sort()).toEqual(names);
  // No stage counts what another one does.
  const sum = names.reduce((milliseconds, name) => milliseconds + stages[name], 0);
  expect(sum).toBeLessThan(total);
});

test("lays the layer over the source and nothing else", async () => {
  const { stdout } = await inpaint("--layer", "--json", "--steps", "3", "-o", "cut.png");
  const { offset } = JSON.parse(stdout);
  await inpaint("--steps", "3", "-o", "whole.png");
  const [source, layer, whole] = await Promise.all(["photo.png", "cut.png", "whole.png"].map(decode));
  for (let y = 0; y < layer!.height; y += 1) {
    for (let x = 0; x < layer!.width; x += 1) {
      const alpha = layer!.data[(y * layer!.width + x) * 4 + 3];
      const over = ((y + offset.y) * width + x + offset.x) * 4;
      const expected = alpha === 255 ? layer!.data.subarray((y * layer!.width + x) * 4) : source!.data.subarray(over);
      if (alpha === 0 || alpha === 255)
        expect([...whole!.data.subarray(over, over + 4)]).toEqual([...expected.subarray(0, 4)]);
    }
  }
});

test("gives a photograph taken sideways back upright", async () => {
  const raw = { width: 64, height: 48, channels: 3 } as const;
  const photo = sharp(pattern(raw), { raw }).withMetadata({ orientation: 6 });
  await writeFile(at("sideways.jpg"), await photo.jpeg().toBuffer());
  const mask = { width: 48, height: 64, channels: 1 } as const;
  await writeFile(at("upright-mask.png"), await pngOf(mask, new Uint8Array(48 * 64).fill(255, 1000, 2000)));
  const args = ["inpaint", "sideways.jpg", "--mask", "upright-mask.png", "--steps", "2", "-o", "upright.png"];
  expect(await runOverpaint(args, folder.path)).toMatchObject({ code: 0, stderr: "" });
  expect(await decode("upright.png")).toMatchObject({ width: 48, height: 64 });
});

test("edits an image of a single pixel", async () => {
  await writeFile(at("pixel.png"), await pngOf({ width: 1, height: 1, channels: 1 }, Uint8Array.of(255)));
  const args = ["inpaint", "pixel.png", "--mask", "pixel.png", "--steps", "2", "-o", "pixel-out.png"];
  expect(await runOverpaint(args, folder.path)).toMatchObject({ code: 0, stderr: "" });
  expect(await decode("pixel-out.png")).toMatchObject({ width: 1, height: 1 });
});

test("runs the bare pipeline over the whole picture", async () => {
  const side = { width: 128, height: 128 };
  await writeFile(at("square.png"), await pngOf({ ...side, channels: 3 }));
  await writeFile(
    at("square-mask.png"),
    await pngOf({ ...side, channels: 1 }, new Uint8Array(128 * 128).fill(255, 6000)),
  );
  const args = ["square.png", "--mask", "square-mask.png", "--plain", "--json", "--steps", "2", "-o", "plain.png"];
  const { stdout, stderr } = await runOverpaint(["inpaint", ...args], folder.path);
  expect(stderr).toBe("");
  const whole = { x: 0, y: 0, ...side };
  expect(JSON.parse(stdout)).toMatchObject({
    ...side,
    plan: { plain: true, passes: [{ context: whole, working: side }] },
  });
});

test("answers bad input with exit code 2 and one line that names it", async () => {
  await writeFile(at("empty-mask.png"), await maskOf({ x: 0, y: 0, width: 0, height: 0 }));
  await writeFile(at("small-mask.png"), await pngOf({ width: 20, height: 30, channels: 1 }));
  await writeFile(at("notes.txt"), "hello");
  await writeFile(at("huge.png"), pngThatClaims(20_000, 20_000));
  const whole = await readFile(at("photo.png"));
  await writeFile(at("cut.jpg.png"), whole.subarray(0, whole.length / 2));
  const cases: [string[], RegExp][] = [
    [["photo.png", "--mask", "empty-mask.png"], /Nothing is painted in the mask: .*\. Paint over/],
    [["photo.png", "--mask", "small-mask.png"], /mask is 20×30, the image 201×157/],
    [["notes.txt", "--mask", "mask.png"], /notes\.txt cannot be read as a picture/],
    [["huge.png", "--mask", "mask.png"], /20000 × 20000/],
    [["cut.jpg.png", "--mask", "mask.png"], /cut\.jpg\.png ends too early: its last \d+ of 157 rows are missing/],
    [["missing.png", "--mask", "mask.png"], /missing\.png cannot be opened/],
    [["photo.png", "--mask", "mask.png", "--model", "nope"], /no model "nope"\. Installed models: .*starter/],
    [["photo.png", "--mask", "mask.png", "--model", "./nope"], /no model in \.\/nope/],
    [["photo.png", "--mask", "mask.png", "--prompt", "x".repeat(10_000)], /10000 characters; 4000 are allowed/],
    [["photo.png", "--mask", "mask.png", "--steps", "many"], /--steps .*not a number/],
    [["photo.png", "--mask", "mask.png", "--device", "abacus"], /"abacus" is no device\. Use auto, cuda/],
    [["photo.png", "--mask", "mask.png", "--plain"], /multiple/],
    [["photo.png"], /--mask/],
  ];
  for (const [args, line] of cases) {
    const { code, stdout, stderr } = await runOverpaint(["inpaint", ...args, "-o", "never.png"], folder.path);
    expect(stderr).toMatch(line);
    expect({ code, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 2, stdout: "", lines: 1 });
    expect(stderr).toMatch(/^overpaint: /);
  }
  expect(await readdir(folder.path)).not.toContain("never.png");
});

test.each([
  ["missing", (file: string) => rm(file)],
  ["cut off", (file: string) => truncate(file, 100_000)],
])("names a model's file that is %s", async (_name, damage) => {
  await cp(inRepository("models/starter"), at("damaged"), { recursive: true });
  await damage(at("damaged/vae_encoder/model.onnx"));
  const { code, stderr } = await inpaint("--model", "./damaged", "-o", "never.png");
  expect(stderr).toMatch(/^overpaint: The model's file vae_encoder\/model\.onnx .*\n$/);
  expect(code).toBe(2);
  await rm(at("damaged"), { recursive: true });
});

test.skipIf(process.platform === "win32")("stops at an interrupt with exit code 130 and leaves nothing", async () => {
  const args = ["inpaint", "photo.png", "--mask", "mask.png", "--steps", "150", "--count", "16", "-o", "never.png"];
  const child = startOverpaint([...args, "--data", "interrupted"], folder.path);
  // Written by the engine right before it draws.
  await vi.waitFor(() => access(at("interrupted/model-hashes.json")), { timeout: 60_000, interval: 100 });
  child.kill("SIGINT");
  expect(await finished(child)).toMatchObject({ code: 130, stdout: "" });
  expect((await readdir(folder.path)).filter((name) => name.startsWith("never"))).toEqual([]);
});

/** A disc on nothing; the first mask covers a part of its rim, the second only ground. */
test.each([
  ["its rim", { x: 130, y: 60, width: 50, height: 40 }],
  ["nothing", { x: 4, y: 4, width: 30, height: 30 }],
])("a removal from a cut-out gives back what is around, transparency included: %s", async (_, hole) => {
  const data = new Uint8Array(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel += 1)
    if (Math.hypot((pixel % width) - 100, Math.floor(pixel / width) - 78) < 60)
      data.set([240, 190, 40, 255], pixel * 4);
  await writeFile(at("disc.png"), await pngOf({ width, height, channels: 4 }, data));
  await writeFile(at("disc-mask.png"), await maskOf(hole));
  const args = ["disc.png", "--mask", "disc-mask.png", "--steps", "2", "--json", "-o", "removed.png"];
  const { code, stdout } = await runOverpaint(["inpaint", ...args], folder.path);
  expect(code).toBe(0);

  const removed = await decode("removed.png");
  const isIn = (x: number, y: number) =>
    x >= hole.x && y >= hole.y && x < hole.x + hole.width && y < hole.y + hole.height;
  let [between, moved] = [0, 0];
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    const [own, alpha] = [data[pixel * 4 + 3]!, removed.data[pixel * 4 + 3]!];
    if (!isIn(pixel % width, Math.floor(pixel / width))) expect(alpha).toBe(own);
    else if (alpha > 0 && alpha < 255) between += 1;
    else if (alpha !== own) moved += 1;
  }
  // The outline goes on within a few pixels of the circle, and as sharp.
  expect(between).toBeLessThan(3 * hole.height);
  expect(moved).toBeLessThan(0.15 * hole.width * hole.height);
  if (hole.x < 100) expect([...removed.data]).toEqual([...data]);
  else expect(JSON.parse(stdout).erases).toBeDefined();
});
