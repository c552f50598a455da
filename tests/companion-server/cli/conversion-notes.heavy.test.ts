import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readRecipe } from "../../../companion-server/cli/run-recipe.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";
import { runOverpaint } from "../support/run-overpaint.ts";

let folder: TemporaryFolder;
const at = (name: string) => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  const picture = (): Sharp => sharp({ create: { width: 48, height: 32, channels: 3, background: "#a05020" } });
  await picture().png().toFile(at("plain.png"));
  await picture().withIccProfile("p3").png().toFile(at("display.png"));
  await picture().withIccProfile("p3").toColourspace("rgb16").png().toFile(at("deep.png"));
  await picture().withIccProfile("cmyk").jpeg().toFile(at("print.jpg"));
  const pages = { width: 8, height: 24, channels: 3, pageHeight: 8 } as const;
  const frames = sharp(
    Uint8Array.from({ length: 8 * 24 * 3 }, (_, i) => Math.floor(i / 192) * 80),
    { raw: pages },
  );
  await frames.gif().toFile(at("moving.gif"));
  const photo = await picture().jpeg().toBuffer();
  await writeFile(at("no-end.jpg"), photo.subarray(0, photo.length - 2));
});
afterAll(() => folder.remove());

const p3 = {
  code: "profile-converted",
  part: "image",
  text: "The picture's colour profile (sP3C) was converted to sRGB.",
};
const deep = { code: "depth-reduced", part: "image", text: "The picture's colours were reduced to 8 bits a channel." };
const inks = {
  code: "inks-converted",
  part: "image",
  text: "The picture's CMYK colours (Chemical proof) were converted to sRGB.",
};
const style = {
  code: "profile-converted",
  part: "reference",
  text: "The reference's colour profile (sP3C) was converted to sRGB.",
};
const frames = {
  code: "first-frame-used",
  part: "image",
  text: "Only the first of the picture's 3 frames was used.",
};
const noEnd = {
  code: "end-missing",
  part: "image",
  text: "The picture's file ends too early, but all of its rows are there.",
};

test.each([
  ["nothing of an sRGB picture", ["plain.png"], []],
  ["a profile", ["display.png"], [p3]],
  ["a profile and 16 bits", ["deep.png"], [p3, deep]],
  ["inks", ["print.jpg"], [inks]],
  ["further frames", ["moving.gif"], [frames]],
  ["a missing end", ["no-end.jpg"], [noEnd]],
  ["a reference's profile", ["plain.png", "--reference", "display.png"], [style]],
])("says what reading the inputs changed and left out: %s", async (_, given, notes) => {
  const args = ["restyle", ...given, "--prompt", "a cat", "--steps", "1", "-o", "out.png"];
  const { code, stdout, stderr } = await runOverpaint([...args, "--json"], folder.path);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout).notes).toEqual(notes);
  expect((await readRecipe(at("out.png"))).notes ?? []).toEqual(notes);
});

test("says that a negative prompt was not read", async () => {
  const args = ["imagine", "--prompt", "a cat", "--width", "32", "--height", "32", "--steps", "1", "--guidance", "1"];
  const { stdout, stderr } = await runOverpaint([...args, "--negative", "a dog", "-o", "out.png"], folder.path);
  expect({ stdout, stderr }).toEqual({
    stdout: "",
    stderr:
      "overpaint: The negative prompt had no effect: at guidance 1 only the prompt is read. More than 1 makes it count.\n",
  });
});

test("says it on the terminal too, one line each", async () => {
  const args = ["outpaint", "deep.png", "--left", "8", "--steps", "1", "-o", "out.png"];
  const { code, stdout, stderr } = await runOverpaint(args, folder.path);
  expect({ code, stdout, stderr }).toEqual({
    code: 0,
    stdout: "",
    stderr: `overpaint: ${p3.text}\noverpaint: ${deep.text}\n`,
  });
});
