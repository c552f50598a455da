import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { RECIPE_KEYWORD } from "../../../../shared/editing/layer/provenance.ts";
import { readPngText } from "../../../../shared/imaging/metadata/png-metadata.ts";
import { recipeSchema } from "../../../../shared/protocol/recipe.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { pngOf } from "../../support/pictures.ts";
import { runOverpaint } from "../../support/run-overpaint.ts";

/** Odd on purpose: no size of any model divides it. */
const width = 97;
const height = 61;

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
  await writeFile(at("style.png"), await pngOf({ width: 40, height: 30, channels: 3 }));
  const mask = new Uint8Array(width * height);
  for (let y = 20; y < 40; y += 1) mask.fill(255, y * width + 30, y * width + 60);
  await writeFile(at("mask.png"), await pngOf({ width, height, channels: 1 }, mask));
  const made = ["--width", "32", "--height", "32", "--steps", "1", "-o", "made.png"];
  const { device } = await draw("imagine", "--prompt", "", ...made, "--device", "auto");
  expect(device).toBe("cpu");
  await draw("outpaint", "photo.png", "--left", "8", "--steps", "1", "-o", "extended.png");
});
afterAll(() => folder.remove());

/** On the processor, which a recipe says by itself: the devices that are not there need not be tried each time. */
async function draw(...args: string[]) {
  const where = args[0] === "recipe" || args.includes("--device") ? [] : ["--device", "cpu"];
  const { code, stdout, stderr } = await runOverpaint([...args, ...where, "--json"], folder.path);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return JSON.parse(stdout);
}

async function decode(name: string) {
  return decodeImage(await readFile(at(name)), name);
}

interface Case {
  readonly name: string;
  readonly args: readonly string[];
  readonly size: { readonly width: number; readonly height: number };
  readonly offset?: { readonly x: number; readonly y: number };
  readonly plan: object;
}

const cases: readonly Case[] = [
  {
    name: "inpaint",
    args: ["inpaint", "photo.png", "--mask", "mask.png", "--intent", "remove", "--strength", "0.9"],
    size: { width, height },
    plan: { task: "inpaint" },
  },
  {
    name: "outpaint by sides",
    args: ["outpaint", "photo.png", "--left", "20", "--bottom", "11", "--prompt", "a meadow"],
    size: { width: width + 20, height: height + 11 },
    offset: { x: -20, y: 0 },
    plan: { task: "outpaint", canvas: { x: -20, y: 0, width: width + 20, height: height + 11 } },
  },
  {
    name: "outpaint to an aspect ratio",
    args: ["outpaint", "photo.png", "--aspect", "2:1", "--anchor", "right"],
    size: { width: 2 * height, height },
    offset: { x: width - 2 * height, y: 0 },
    plan: { task: "outpaint" },
  },
  {
    name: "restyle by prompt",
    args: ["restyle", "photo.png", "--prompt", "an oil painting", "--strength", "0.5"],
    size: { width, height },
    plan: { task: "restyle", passes: [{ schedule: { strength: 0.5 } }] },
  },
  {
    name: "restyle by reference",
    args: ["restyle", "photo.png", "--reference", "style.png", "--no-keep-layout"],
    size: { width, height },
    plan: { task: "restyle", passes: [{ noise: "seed" }] },
  },
  {
    name: "upscale by factor",
    args: ["upscale", "photo.png", "--scale", "3"],
    size: { width: width * 3, height: height * 3 },
    plan: { task: "upscale", passes: [{ method: "enlarge" }] },
  },
  {
    name: "upscale to an exact size",
    args: ["upscale", "photo.png", "--width", "150", "--height", "101"],
    size: { width: 150, height: 101 },
    plan: { task: "upscale", target: { width: 150, height: 101 } },
  },
  {
    name: "imagine",
    args: ["imagine", "--prompt", "a red house", "--width", "50", "--height", "71"],
    size: { width: 50, height: 71 },
    plan: { task: "create" },
  },
];

test.each(cases)("$name: exactly the size that was asked for, and the same bytes from its recipe", async (edit) => {
  const summary = await draw(...edit.args, "--seed", "11", "--steps", "2", "-o", "one.png");
  expect(summary).toMatchObject({
    files: ["one.png"],
    ...edit.size,
    offset: edit.offset ?? { x: 0, y: 0 },
    seed: 11,
    device: "cpu",
    plan: edit.plan,
  });
  for (const stage of ["total", "chooseDevice", "modelLoad", "sessionRun", "edit", "encodeResults", "writeResults"])
    expect(summary.timings[stage], stage).toBeGreaterThan(0);
  expect(await decode("one.png")).toMatchObject(edit.size);

  const { inputs, plan } = await recipeOf("one.png");
  expect(JSON.stringify(plan).length).toBeLessThan(10_000); // plain data, no pixels
  const files = { image: "photo.png", mask: "mask.png", reference: "style.png" };
  const given = Object.keys(inputs).flatMap((part) => [`--${part}`, files[part as keyof typeof files]]);
  await draw("recipe", "run", "one.png", ...given, "-o", "again.png");
  expect((await readFile(at("again.png"))).equals(await readFile(at("one.png")))).toBe(true);
});

async function recipeOf(name: string) {
  const text = readPngText(await readFile(at(name))).find(({ keyword }) => keyword === RECIPE_KEYWORD)?.text;
  return recipeSchema.parse(JSON.parse(text ?? ""));
}

test("extends a picture around pixels that stay as they are, hidden colour included", async () => {
  const { offset } = await draw(
    "outpaint",
    "photo.png",
    "--left",
    "9",
    "--top",
    "14",
    "--steps",
    "2",
    "-o",
    "wide.png",
  );
  const [source, whole] = await Promise.all(["photo.png", "wide.png"].map(decode));
  for (let y = 0; y < height; y += 1) {
    const start = ((y - offset.y) * whole!.width - offset.x) * 4;
    const row = whole!.data.subarray(start, start + width * 4);
    expect([...row], `row ${y}`).toEqual([...source!.data.subarray(y * width * 4, (y + 1) * width * 4)]);
  }
  expect(whole!.data[whole!.width * 4 - 1]).toBe(255); // the last pixel of the first row is new
});

test("writes what was added alone, with its place in pixels of the source", async () => {
  const args = ["outpaint", "photo.png", "--right", "16", "--steps", "2"];
  const summary = await draw(...args, "--layer", "-o", "added.png");
  expect(summary).toMatchObject({ width: width + 16, height, offset: { x: 0, y: 0 } });
  const layer = await decode("added.png");
  expect(layer.data[3]).toBe(0);
  expect(layer.data.at(-1)).toBe(255);
});

test.each(["base", "script"])("draws with a model for text to image too: %s", async (pack) => {
  const model = ["--model", inRepository(`tests/fixtures/packs/${pack}`), "--steps", "2"];
  const edits: [string[], { width: number; height: number }][] = [
    [["inpaint", "photo.png", "--mask", "mask.png"], { width, height }],
    [["outpaint", "photo.png", "--top", "8"], { width, height: height + 8 }],
    [["restyle", "photo.png", "--prompt", "ink"], { width, height }],
    [["imagine", "--prompt", "ink", "--width", "33", "--height", "34"], { width: 33, height: 34 }],
  ];
  for (const [args, size] of edits)
    expect(await draw(...args, ...model, "-o", "other.png")).toMatchObject({ ...size, model: pack });
});

test.each([
  { args: ["imagine", "--prompt", "a boat", "--width", "32", "--height", "32"], given: [] },
  { args: ["restyle", "photo.png", "--prompt", "a boat"], given: ["--image", "photo.png"] },
  { args: ["outpaint", "photo.png", "--left", "9"], given: ["--image", "photo.png"] },
  {
    args: ["inpaint", "photo.png", "--mask", "mask.png", "--prompt", "a boat"],
    given: ["--image", "photo.png", "--mask", "mask.png"],
  },
])("numbers variants, and a recipe makes its own variant again, to the byte: $args.0", async ({ args, given }) => {
  // The second variant's seed is 0: seeds have 32 bits.
  const several = ["--steps", "2", "--count", "3", "--seed", "4294967295"];
  expect((await draw(...args, ...several, "-o", "boat.png")).files).toEqual(["boat-1.png", "boat-2.png", "boat-3.png"]);
  const [first, second] = await Promise.all([readFile(at("boat-1.png")), readFile(at("boat-2.png"))]);
  expect(await draw("recipe", "run", "boat-2.png", ...given, "-o", "second.png")).toMatchObject({ seed: 0 });
  expect((await readFile(at("second.png"))).equals(second)).toBe(true);
  expect(first.equals(second)).toBe(false);
});

test.each<[string[], RegExp]>([
  [["outpaint", "missing.png", "--left", "3"], /missing\.png cannot be opened/],
  [["outpaint", "photo.png"], /./],
  [["outpaint", "photo.png", "--left", "-3"], /left/],
  [["outpaint", "photo.png", "--left", "1.5"], /left/],
  [["outpaint", "photo.png", "--left", "16384"], /16481 × 61 pixels/],
  [["outpaint", "photo.png", "--aspect", "wide"], /Write it like 16:9/],
  [["outpaint", "photo.png", "--aspect", "0:9"], /Write it like 16:9/],
  [["outpaint", "photo.png", "--aspect", "16:9", "--left", "3"], /cannot be used with/],
  [["outpaint", "photo.png", "--left", "3", "--anchor", "top"], /--anchor needs --aspect/],
  [["restyle", "photo.png"], /Add --prompt, --style or --reference/],
  [["restyle", "photo.png", "--prompt", "x", "--strength", "2"], /strength/],
  [["restyle", "photo.png", "--reference", "none.png"], /none\.png cannot be opened/],
  [["upscale", "photo.png", "--scale", "5"], /Allowed choices are 2, 3, 4/],
  [["upscale", "photo.png", "--width", "200"], /--width and --height belong together/],
  [["upscale", "photo.png", "--scale", "2", "--width", "200"], /cannot be used with/],
  [["upscale", "photo.png", "--width", "16000", "--height", "16000"], /16000 × 16000 pixels/],
  [["imagine", "--width", "32", "--height", "32"], /--prompt/],
  [["imagine", "--prompt", "x", "--width", "0", "--height", "32"], /width/],
  [["imagine", "--prompt", "x", "--width", "32", "--height", "32", "--model", "fast-upscale"], /fast-upscale/],
  [["inpaint", "photo.png", "--mask", "mask.png", "--intent", "guess"], /Allowed choices are auto, fill/],
  [["recipe", "run", "photo.png"], /photo\.png carries no recipe/],
  [["recipe", "run", "made.png", "--image", "photo.png"], /The picture was made without --image/],
  [["recipe", "run", "extended.png"], /The image of the recipe is missing\. Add --image FILE/],
  [["recipe", "run", "extended.png", "--image", "mask.png"], /mask\.png is not the image/],
  [["recipe", "run", "made.png", "--model", "fast-upscale"], /is not the one the picture was made with/],
])("answers %j with exit code 2 and one line that says why", async (args, line) => {
  const { code, stdout, stderr } = await runOverpaint([...args, "-o", "never.png"], folder.path);
  expect(stderr).toMatch(line);
  expect(stderr).toMatch(/^overpaint: /);
  expect({ code, stdout, lines: stderr.trimEnd().split("\n").length }).toEqual({ code: 2, stdout: "", lines: 1 });
  expect(await readdir(folder.path)).not.toContain("never.png");
});

describe("networks that make no pictures from noise", () => {
  const packs = ["erase-bytes", "background", "segmentation"];
  const inModels = (name: string) => at(join("models", name));

  beforeAll(async () => {
    for (const name of packs)
      await cp(inRepository(`tests/fixtures/packs/${name}`), inModels(name), { recursive: true });
    const dot = new Uint8Array(width * height);
    for (let y = 20; y < 28; y += 1) dot.fill(255, y * width + 40, y * width + 48);
    await writeFile(at("dot.png"), await pngOf({ width, height, channels: 1 }, dot));
  });
  afterAll(async () => {
    for (const name of packs) await rm(inModels(name), { recursive: true });
  });

  test("an installed erase network takes a small removal over, and its recipe gives the same bytes", async () => {
    const args = ["inpaint", "photo.png", "--mask", "dot.png", "--intent", "remove"];
    const told = await draw(...args, "-o", "erased.png");
    expect(told).toMatchObject({ model: "erase-bytes", plan: { passes: [{ method: "erase" }] } });
    await draw("recipe", "run", "erased.png", "--image", "photo.png", "--mask", "dot.png", "-o", "erased-again.png");
    expect((await readFile(at("erased.png"))).equals(await readFile(at("erased-again.png")))).toBe(true);
    const large = await draw(
      "inpaint",
      "photo.png",
      "--mask",
      "mask.png",
      "--intent",
      "remove",
      "--steps",
      "1",
      "-o",
      "drawn.png",
    );
    expect(large.model).toBe("starter");
  });

  test("finds an object and a subject, and cuts the subject out", async () => {
    await draw("mask", "photo.png", "--point", "50,30", "-o", "object.png");
    await draw("mask", "photo.png", "--subject", "-o", "subject.png");
    expect(await decode("object.png")).toMatchObject({ width, height });
    expect(await decode("subject.png")).toMatchObject({ width, height });
    expect(await draw("remove-background", "photo.png", "-o", "cut.png")).toMatchObject({ model: "background" });
    const [subject, cut] = [await decode("subject.png"), await decode("cut.png")];
    for (let pixel = 0; pixel < width * height; pixel += 1)
      expect(cut.data[pixel * 4 + 3], `pixel ${pixel}`).toBe(subject.data[pixel * 4]);
  });

  test.each([
    { args: ["mask", "photo.png", "-o", "x.png"], words: /Nothing says what to find/ },
    { args: ["mask", "photo.png", "--point", "500,3", "-o", "x.png"], words: /lies beside the picture/ },
    { args: ["mask", "photo.png", "--point", "5", "-o", "x.png"], words: /no pixel, as in 120,80/ },
  ])("refuses $args.2 $args.3", async ({ args, words }) => {
    const { code, stderr } = await runOverpaint(args, folder.path);
    expect(code).toBe(2);
    expect(stderr).toMatch(words);
  });
});
