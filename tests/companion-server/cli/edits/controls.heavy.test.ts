import { cp, mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { writeParityInputs } from "../../support/parity.ts";
import { runOverpaint } from "../../support/run-overpaint.ts";

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeParityInputs(folder.path);
  for (const name of ["base", "control-net", "control-net-xl", "ip-adapter"])
    await cp(inRepository(`tests/fixtures/checkpoints/${name}`), join(folder.path, name), { recursive: true });
});
afterAll(() => folder.remove());

const run = (...args: readonly string[]) => runOverpaint([...args, "--device", "cpu"], folder.path);
const drawing = ["--model", "./base", "--prompt", "a red cat", "--steps", "2"];
const inpaint = ["inpaint", "picture.png", "--mask", "mask.png", ...drawing];
const read = (name: string) => readFile(join(folder.path, name));
const pixels = async (name: string) => (await decodeImage(await read(name), name)).data;

test("holds every kind of edit to pictures, and makes it again from its recipe", async () => {
  const control = ["--control-model", "./control-net", "--control", "canny::0.7:0-0.8", "--control", "raw:small.png"];
  const edits = [
    ["inpaint", inpaint],
    ["outpaint", ["outpaint", "picture.png", "--right", "16", ...drawing]],
    ["restyle", ["restyle", "picture.png", ...drawing]],
    ["imagine", ["imagine", "--width", "96", "--height", "64", ...drawing]],
  ] as const;
  for (const [name, args] of edits) {
    const wanted = name === "imagine" ? ["--control-model", "./control-net", "--control", "tile:picture.png"] : control;
    expect(await run(...args, ...wanted, "-o", `${name}.png`)).toMatchObject({ code: 0, stderr: "" });
    expect(await run(...args, "-o", "free.png")).toMatchObject({ code: 0 });
    expect(await pixels(`${name}.png`)).not.toEqual(await pixels("free.png"));
  }
  const recipe = JSON.parse((await runOverpaint(["recipe", "show", "inpaint.png"], folder.path)).stdout);
  expect(recipe).toMatchObject({
    request: { controls: [{ kind: "canny", strength: 0.7, end: 0.8 }, { kind: "raw" }] },
    inputs: { "control-1": expect.stringMatching(/^[0-9a-f]{64}$/) },
    plan: { controls: [{ kind: "canny" }, { kind: "raw" }] },
  });
  const models = ["--model", "./base", "--control-model", "./control-net", "--control-model", "./control-net"];
  const pictures = ["--image", "picture.png", "--mask", "mask.png", "--control", "small.png"];
  const again = await run("recipe", "run", "inpaint.png", ...models, ...pictures, "-o", "again.png");
  expect(again).toMatchObject({ code: 0, stderr: "" });
  expect(await read("again.png")).toEqual(await read("inpaint.png"));
}, 120_000);

test("takes the only ControlNet that is installed, and keeps a restyle's layout by one that is named alone", async () => {
  await mkdir(join(folder.path, "models"), { recursive: true });
  await cp(join(folder.path, "control-net"), join(folder.path, "models/my-net"), { recursive: true });
  expect(await run(...inpaint, "--control", "outline:", "-o", "held.png")).toMatchObject({ code: 0, stderr: "" });
  const kept = await run("restyle", "picture.png", ...drawing, "--control-model", "my-net", "-o", "kept.png", "--json");
  expect(JSON.parse(kept.stdout)).toMatchObject({
    plan: { controls: [{ kind: "tile" }], passes: [{ noise: "seed" }] },
  });
  await rm(join(folder.path, "models"), { recursive: true });
}, 60_000);

test("reads references beside the prompt, one and several", async () => {
  const reference = ["--reference", "small.png:0.9", "--reference-model", "./ip-adapter"];
  expect(await run(...inpaint, ...reference, "-o", "after.png")).toMatchObject({ code: 0, stderr: "" });
  const both = await run(...inpaint, ...reference, "--reference", "picture.png", "-o", "both.png");
  expect(both).toMatchObject({ code: 0, stderr: "" });
  expect(await run(...inpaint, "-o", "free.png")).toMatchObject({ code: 0 });
  const drawn = await Promise.all(["after.png", "both.png", "free.png"].map(async (name) => `${await pixels(name)}`));
  expect(new Set(drawn).size).toBe(3);
}, 60_000);

test.each([
  [["--control", "canny:"], "No ControlNet is installed."],
  [["--control", "canny:", "--control-model", "./control-net-xl"], "it is for another family"],
  [["--control", "raw:", "--control-model", "./control-net"], "The raw control has no picture."],
  [["--control-model", "./control-net"], "--control-model needs --control."],
  [["--control", "depth:a.png"], "canny:photo.png"],
  [["--reference", "small.png"], "--reference needs --reference-model."],
  [["--reference", "small.png:0.4", "--reference", "a.png:0.9"], "have different strengths, 0.4 and 0.9"],
  [["--control", "canny:", "--control-model", "./control-net", "--model", "tiny"], "takes no ControlNets"],
])("refuses %j in one line", async (options, sentence) => {
  await mkdir(join(folder.path, "models"), { recursive: true });
  await cp(inRepository("tests/fixtures/packs/base"), join(folder.path, "models/tiny"), { recursive: true });
  const { code, stderr } = await run(...inpaint, ...options, "-o", "none.png");
  expect(code).toBe(2);
  expect(stderr).toContain(sentence);
});
