import { open } from "node:fs/promises";
import { readGraphValues } from "../../../shared/diffusion/pack/read-graph-values.ts";
import type { GraphDeclaration } from "../../../shared/diffusion/pack-files.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";

/** `readGraphValues` of a file on this machine. Throws `damaged-model` for one that is missing, too. */
export async function readGraphFile(path: string, name: string): Promise<GraphDeclaration> {
  const file = await open(path).catch((cause) => {
    throw new OverpaintError(
      "damaged-model",
      `The model's file ${name} is missing.`,
      "Restore the file from where the model came from.",
      { cause },
    );
  });
  try {
    const { size } = await file.stat();
    const read = async (at: number, length: number) => {
      const bytes = Buffer.alloc(length);
      return bytes.subarray(0, (await file.read(bytes, 0, length, at)).bytesRead);
    };
    return await readGraphValues({ size, read }, name);
  } finally {
    await file.close();
  }
}
