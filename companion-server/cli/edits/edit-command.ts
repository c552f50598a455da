import { Command } from "commander";
import { type EditOptions, layerOption, withEditOptions } from "../options.ts";
import { addReference, type ReferenceOption } from "./reference-options.ts";
import { runEditCommand } from "./run-edit-command.ts";

interface InstructionOptions extends EditOptions {
  readonly mask?: string;
  readonly everything?: true;
}

export function editCommand(): Command {
  const command = new Command("edit")
    .description("change a picture by saying so, with a model that takes instructions")
    .argument("<image>")
    .requiredOption("--prompt <text>", 'what to change: "make it night"')
    .option("--mask <file>", "picture of the image's size; only what is white may change")
    .option(
      "--reference <image>",
      "another picture that the prompt may speak of; repeatable",
      (file, earlier: readonly ReferenceOption[] = []) => addReference({ file, strength: undefined }, earlier),
    )
    .option("--everything", "take all that was drawn, also what was left alone or only moved a little")
    .addOption(layerOption());
  return withEditOptions(command).action((image: string, { mask, everything, ...options }: InstructionOptions) => {
    const files = { image, ...(mask !== undefined && { mask }) };
    return runEditCommand({ task: "edit", files, fields: () => ({ keep: everything && "everything" }) }, options);
  });
}
