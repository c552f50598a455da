import { type Command, InvalidArgumentError } from "commander";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { ModelCatalog } from "../../models/model-catalog.ts";
import type { InstalledIpAdapter } from "../../models/place-at.ts";
import { NamedModels } from "../named-models.ts";

export interface ReferenceOptions {
  readonly reference?: ReferenceOption;
  readonly referenceModel?: string;
}

export interface ReferenceOption {
  readonly file: string;
  readonly strength: number | undefined;
}

/** Adds `--reference` and `--reference-model` to a command. */
export function withReferenceOptions(command: Command, what: string): Command {
  return command
    .option("--reference <image[:strength]>", what, parseReference)
    .option(
      "--reference-model <id|path>",
      "an IP-Adapter, by which the reference is read beside the prompt: a .safetensors file with the folder image_encoder beside it",
    );
}

function parseReference(text: string): ReferenceOption {
  const [, file = "", strength] = /^(.*?)(?::(\d*\.?\d+))?$/.exec(text) ?? [];
  if (file === "") throw new InvalidArgumentError("Write it like style.png or style.png:0.6.");
  return { file, strength: strength === undefined ? undefined : Number(strength) };
}

/**
 * The IP-Adapter that a command line names. Throws OverpaintError `unknown-model`, or `invalid-request` where a reference needs
 * one.
 *
 * @param isNeeded whether the task makes nothing of a reference by itself
 */
export async function findIpAdapter(
  { reference, referenceModel }: ReferenceOptions,
  catalog: ModelCatalog,
  isNeeded: boolean,
): Promise<InstalledIpAdapter | undefined> {
  if (referenceModel !== undefined && reference === undefined)
    throw new OverpaintError("invalid-request", "--reference-model needs --reference.", "Add --reference IMAGE.");
  if (reference !== undefined && referenceModel === undefined && isNeeded)
    throw new OverpaintError("invalid-request", "--reference needs --reference-model.", "Name an IP-Adapter.");
  return referenceModel === undefined ? undefined : await new NamedModels(catalog).ipAdapter(referenceModel);
}
