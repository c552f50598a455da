import { Command, Option } from "commander";
import { type InpaintIntent, inpaintIntents } from "../../../shared/protocol/edit-request.ts";
import { type EditOptions, layerOption, parseNumber, withEditOptions } from "../options.ts";
import { withControlOptions } from "./control-options.ts";
import { withReferenceOptions } from "./reference-options.ts";
import { runEditCommand } from "./run-edit-command.ts";

interface InpaintOptions extends EditOptions {
  readonly mask: string;
  readonly intent?: InpaintIntent;
  readonly strength?: number;
  readonly grow?: number;
  readonly feather?: number;
}

export function inpaintCommand(): Command {
  const command = new Command("inpaint")
    .description("repaint what a mask covers")
    .argument("<image>")
    .requiredOption("--mask <file>", "picture of the image's size; white is repainted, transparent is kept")
    .option("--prompt <text>", "what should be there; empty fills with what fits")
    .addOption(new Option("--intent <name>", "what the edit is for").choices(inpaintIntents))
    .option("--strength <number>", "1 draws from noise, less keeps more of what is there", parseNumber)
    .option("--grow <pixels>", "how far to repaint beyond the mask", parseNumber)
    .option("--feather <pixels>", "width of the soft edge around the mask", parseNumber)
    .addOption(layerOption());
  return withEditOptions(
    withReferenceOptions(withControlOptions(command), "picture that is read beside the prompt"),
  ).action((image: string, options: InpaintOptions) => {
    const { mask, intent, strength, grow, feather } = options;
    const fields = () => ({ intent, strength, grow, feather });
    return runEditCommand({ task: "inpaint", files: { image, mask }, fields }, options);
  });
}
