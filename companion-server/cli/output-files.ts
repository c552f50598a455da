import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { dirname } from "node:path";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";

/**
 * The files that `-o` stands for: itself, or OUT-1.png, OUT-2.png, … for several variants. Checked before anything is
 * drawn, so that minutes of work do not end at a folder that is not there. Throws `invalid-request`.
 */
export async function outputFiles(output: string, count: number): Promise<readonly string[]> {
  if (!/\.png$/i.test(output))
    throw new OverpaintError("invalid-request", `${output} does not end in .png.`, "Results are PNG files.");
  await access(dirname(output), constants.W_OK).catch((cause) => {
    throw new OverpaintError("invalid-request", `${dirname(output)} is no folder to write to.`, "Create it first.", {
      cause,
    });
  });
  if (count === 1) return [output];
  return Array.from({ length: count }, (_, index) => output.replace(/(?=\.png$)/i, `-${index + 1}`));
}
