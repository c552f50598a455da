import { Command } from "commander";
import { type EditOptions, parseNumber, withEditOptions } from "../options.ts";
import { withControlOptions } from "./control-options.ts";
import { withReferenceOptions } from "./reference-options.ts";
import { runEditCommand } from "./run-edit-command.ts";

interface ImagineOptions extends EditOptions {
  readonly width: number;
  readonly height: number;
}

export function imagineCommand(): Command {
  const command = new Command("imagine")
    .description("draw a picture from nothing")
    .requiredOption("--prompt <text>", "what it should show")
    .requiredOption("--width <pixels>", "exact width", parseNumber)
    .requiredOption("--height <pixels>", "exact height", parseNumber);
  return withEditOptions(
    withReferenceOptions(withControlOptions(command), "picture that is read beside the prompt"),
  ).action((options: ImagineOptions) => {
    const { width, height } = options;
    return runEditCommand({ task: "create", files: {}, fields: () => ({ width, height }) }, options);
  });
}
