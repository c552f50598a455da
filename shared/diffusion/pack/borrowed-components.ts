import { z } from "zod";
import { modelIdSchema } from "../../protocol/models/model-facts.ts";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { PackFiles } from "../pack-files.ts";
import { components } from "./component.ts";
import { parseJson } from "./parse-json.ts";

/**
 * `borrows` in a pack's overpaint.json: folders that it does not hold but takes from the pack `from`, whose folder lies
 * beside its own. A model id names a folder and nothing above it.
 */
export const borrowedSchema = z.object({
  from: modelIdSchema,
  components: z.array(z.enum([...components, "tokenizer", "tokenizer_2"])).min(1),
});
export type Borrowed = z.output<typeof borrowedSchema>;

/** What a pack borrows, from the text of its overpaint.json. Throws OverpaintError `damaged-model`. */
export function readBorrowed(overpaintJson: string | undefined): Borrowed | undefined {
  if (overpaintJson === undefined) return undefined;
  return parseJson("overpaint.json", overpaintJson, z.object({ borrows: borrowedSchema.optional() })).borrows;
}

/** Where a file of a pack lies, relative to the pack's folder: `../starter/vae_decoder/model.onnx` when it is borrowed. */
export function locateFile(path: string, borrowed: Borrowed | undefined): string {
  const folder = path.slice(0, path.indexOf("/"));
  return borrowed?.components.some((component) => component === folder) ? `${lender(borrowed)}/${path}` : path;
}

/** Files and folders of the pack that lends, as the one that borrows sees them. */
export function borrowedPaths(borrowed: Borrowed): readonly string[] {
  return ["model_index.json", ...borrowed.components].map((path) => `${lender(borrowed)}/${path}`);
}

/** Throws OverpaintError `damaged-model` when the pack that lends is not there. */
export async function requireLender(files: Pick<PackFiles, "readText">, borrowed: Borrowed): Promise<void> {
  if ((await files.readText(`${lender(borrowed)}/model_index.json`)) !== undefined) return;
  throw new OverpaintError(
    "damaged-model",
    `The model uses the ${borrowed.components.join(", ")} of the model "${borrowed.from}", which is not beside it.`,
    `Put the model "${borrowed.from}" into the same folder.`,
  );
}

function lender({ from }: Borrowed): string {
  return `../${from}`;
}
