import { type Command, InvalidArgumentError } from "commander";
import { referenceParts } from "../../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import type { InputFiles } from "../../engine/engine.ts";
import type { ModelCatalog } from "../../models/model-catalog.ts";
import type { InstalledIpAdapter } from "../../models/place-at.ts";
import { NamedModels } from "../named-models.ts";

export interface ReferenceOptions {
  readonly reference?: readonly ReferenceOption[];
  readonly referenceModel?: string;
}

export interface ReferenceOption {
  readonly file: string;
  readonly strength: number | undefined;
}

/** Adds `--reference` and `--reference-model` to a command. */
export function withReferenceOptions(command: Command, what: string): Command {
  return command
    .option(
      "--reference <image[:strength]>",
      `${what}; repeatable, all of them at one strength`,
      (text, earlier: readonly ReferenceOption[] = []) => addReference(parseReference(text), earlier),
    )
    .option(
      "--reference-model <id|path>",
      "an IP-Adapter, by which references are read beside the prompt: a .safetensors file with the folder image_encoder beside it",
    );
}

function parseReference(text: string): ReferenceOption {
  const [, file = "", strength] = /^(.*?)(?::(\d*\.?\d+))?$/.exec(text) ?? [];
  if (file === "") throw new InvalidArgumentError("Write it like style.png or style.png:0.6.");
  return { file, strength: strength === undefined ? undefined : Number(strength) };
}

/** Throws commander's error for one too many. */
export function addReference(
  reference: ReferenceOption,
  earlier: readonly ReferenceOption[] = [],
): readonly ReferenceOption[] {
  if (earlier.length >= referenceParts.length)
    throw new InvalidArgumentError(`At most ${referenceParts.length} are possible.`);
  return [...earlier, reference];
}

/**
 * The pictures of a command line and the strength of all of them, where one says it. Throws OverpaintError `invalid-request` where
 * they differ: the models read them together.
 */
export function findReferences({ reference: references = [] }: ReferenceOptions): {
  readonly files: InputFiles;
  readonly strength: number | undefined;
} {
  const strengths = new Set(references.flatMap(({ strength }) => strength ?? []));
  if (strengths.size > 1)
    throw new OverpaintError(
      "invalid-request",
      `The references have different strengths, ${[...strengths].join(" and ")}; all of them are taken over at one.`,
      "Write the strength at one of them.",
    );
  const files = Object.fromEntries(references.map(({ file }, k) => [referenceParts[k], file]));
  return { files, strength: [...strengths][0] };
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
