import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { type FixtureRange, readFixture } from "../../../support/fixture-file.ts";
import { inRepository } from "../../../support/repository.ts";
import { type TemporaryFolder, temporaryFolder } from "../../../support/temporary-folder.ts";
import { pngOf } from "../../support/pictures.ts";
import { runOverpaint } from "../../support/run-overpaint.ts";

/** 8-bit levels. */
const LARGEST_DIFFERENCE = 2;

interface Recorded {
  readonly task: string;
  readonly layers: readonly string[];
  readonly seed: number;
  readonly options: {
    readonly prompt: string;
    readonly negativePrompt?: string;
    readonly steps: number;
    readonly guidanceScale: number;
    readonly strength?: number;
    readonly scheduler?: string;
    readonly clipSkip?: number;
  };
  readonly pixels: FixtureRange;
}

const { content, bytes } = readFixture<{
  readonly inputs: { readonly picture: FixtureRange; readonly hardMask: FixtureRange };
  readonly runs: readonly Recorded[];
}>("pipelines/runs");

const commands: Readonly<Record<string, readonly string[]>> = {
  "text-to-image": ["imagine", "--width", "64", "--height", "64"],
  "image-to-image": ["restyle", "picture.png"],
  inpaint: ["inpaint", "picture.png", "--mask", "mask.png"],
};

let folder: TemporaryFolder;
beforeAll(async () => {
  folder = await temporaryFolder();
  for (const layer of ["base", "xl"])
    await cp(inRepository(`tests/fixtures/packs/${layer}`), join(folder.path, "xl"), { recursive: true });
  const size = { width: 64, height: 64 };
  await writeFile(
    join(folder.path, "picture.png"),
    await pngOf({ ...size, channels: 3 }, bytes(content.inputs.picture)),
  );
  await writeFile(join(folder.path, "mask.png"), await pngOf({ ...size, channels: 1 }, bytes(content.inputs.hardMask)));
});
afterAll(() => folder.remove());

const runs = content.runs
  .filter(({ layers, options }) => layers.includes("xl") && options.clipSkip === undefined)
  .map((run) => [run.task, run.options.negativePrompt, run.options.prompt, run] as const);

test.each(runs)(
  "draws on the command line what diffusers draws with SDXL: %s, negative %j, %s",
  async (task, negative, prompt, run) => {
    const { steps, guidanceScale, strength, scheduler } = run.options;
    const { code, stderr } = await runOverpaint(
      [
        ...(commands[task] ?? []),
        ...["--prompt", prompt, "--steps", `${steps}`, "--guidance", `${guidanceScale}`, "--seed", `${run.seed}`],
        ...(negative === undefined ? [] : ["--negative", negative]),
        ...(strength === undefined ? [] : ["--strength", `${strength}`]),
        ...(scheduler === undefined ? [] : ["--scheduler", scheduler]),
        ...["--plain", "--model", "./xl", "-o", "out.png"],
      ],
      folder.path,
    );
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const { data } = await decodeImage(await readFile(join(folder.path, "out.png")), "out.png");
    const expected = bytes(run.pixels);
    const drawn = data.filter((_, i) => i % 4 !== 3);
    const largest = expected.reduce((most, level, i) => Math.max(most, Math.abs(level - drawn[i]!)), 0);
    expect(largest).toBeLessThanOrEqual(LARGEST_DIFFERENCE);
  },
);
