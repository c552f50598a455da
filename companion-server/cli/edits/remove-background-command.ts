import { Command } from "commander";
import { dataOption, deviceOption, type EditOptions, jsonOption, outputOption } from "../options.ts";
import { runEditCommand } from "./run-edit-command.ts";

export function removeBackgroundCommand(): Command {
  return new Command("remove-background")
    .description("cut out what a picture is of")
    .argument("<image>")
    .option("--model <id|path>", "a model's id or folder; default: the first that can")
    .addOption(outputOption())
    .addOption(deviceOption())
    .addOption(jsonOption())
    .addOption(dataOption())
    .action((image: string, options: EditOptions) =>
      runEditCommand({ task: "cutout", files: { image }, fields: () => ({}) }, options),
    );
}
