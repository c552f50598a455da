import { Command, Option } from "commander";
import { referenceParts } from "../../../shared/protocol/edit-request.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { type EditOptions, layerOption, withEditOptions } from "../options.ts";
import { runEditCommand } from "./run-edit-command.ts";

interface InstructionOptions extends Omit<EditOptions, "reference"> {
  readonly mask?: string;
  readonly reference?: readonly string[];
  readonly everything?: true;
}

export function editCommand(): Command {
  const command = new Command("edit")
    .description("change a picture by saying so, with a model that takes instructions")
    .argument("<image>")
    .requiredOption("--prompt <text>", 'what to change: "make it night"')
    .option("--mask <file>", "picture of the image's size; only what is white may change")
    .addOption(
      new Option("--reference <image>", "another picture that the prompt may speak of; may be repeated").argParser(
        (file, before: readonly string[] = []) => [...before, file],
      ),
    )
    .option("--everything", "take all that was drawn, also what was left alone or only moved a little")
    .addOption(layerOption());
  return withEditOptions(command).action(
    (image: string, { reference, mask, everything, ...options }: InstructionOptions) => {
      const files = { image, ...(mask !== undefined && { mask }), ...referenceFiles(reference ?? []) };
      return runEditCommand({ task: "edit", files, fields: () => ({ keep: everything && "everything" }) }, options);
    },
  );
}

function referenceFiles(files: readonly string[]) {
  if (files.length > referenceParts.length)
    throw new OverpaintError(
      "invalid-request",
      `${files.length} references are given; ${referenceParts.length} can be.`,
      "Leave some out.",
    );
  return Object.fromEntries(files.map((file, k) => [referenceParts[k], file]));
}
