import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { decodeImage } from "../../../../companion-server/images/decode-image.ts";
import { largestDifference } from "../../../support/largest-difference.ts";
import { inRepository } from "../../../support/repository.ts";
import { temporaryFolder } from "../../../support/temporary-folder.ts";
import { pngOf } from "../../support/pictures.ts";
import { runOverpaint } from "../../support/run-overpaint.ts";
import { hasSoftwareVulkan, softwareVulkan } from "../../support/software-vulkan.ts";

test.runIf(hasSoftwareVulkan)(
  "draws on the native WebGPU what the processor draws, after it was proved by the probe",
  async () => {
    await using folder = await temporaryFolder();
    const image = join(folder.path, "image.png");
    const mask = join(folder.path, "mask.png");
    await writeFile(image, await pngOf({ width: 64, height: 64, channels: 3 }));
    const painted = new Uint8Array(64 * 64).fill(255, 64 * 16, 64 * 48);
    await writeFile(mask, await pngOf({ width: 64, height: 64, channels: 1 }, painted));
    const draw = async (device: string, settings: NodeJS.ProcessEnv = {}) => {
      const output = join(folder.path, `${device}.png`);
      const model = ["--model", inRepository("tests/fixtures/tiny-pack"), "--plain", "--steps", "2", "--seed", "1"];
      const args = ["inpaint", image, "--mask", mask, ...model, "--device", device, "--json", "-o", output];
      const run = await runOverpaint(args, folder.path, settings);
      expect(run).toMatchObject({ code: 0, stderr: "" });
      expect(JSON.parse(run.stdout)).toMatchObject({ device });
      return await decodeImage(await readFile(output), device);
    };
    const drawn = await draw("webgpu", await softwareVulkan());
    expect(largestDifference(drawn.data, (await draw("cpu")).data)).toBeLessThanOrEqual(1);
  },
);
