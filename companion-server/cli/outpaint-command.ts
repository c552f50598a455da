import { Command } from "commander";
import { type EditOptions, layerOption, parseNumber, withEditOptions } from "./options.ts";
import { runEditCommand } from "./run-edit-command.ts";

interface OutpaintOptions extends EditOptions {
  readonly left?: number;
  readonly right?: number;
  readonly top?: number;
  readonly bottom?: number;
}

export function outpaintCommand(): Command {
  const command = new Command("outpaint")
    .description("extend a picture beyond its borders")
    .argument("<image>")
    .option("--left <pixels>", "how far to the left", parseNumber)
    .option("--right <pixels>", "how far to the right", parseNumber)
    .option("--top <pixels>", "how far above", parseNumber)
    .option("--bottom <pixels>", "how far below", parseNumber)
    .option("--prompt <text>", "what is around the picture; empty continues it")
    .addOption(layerOption());
  return withEditOptions(command).action((image: string, options: OutpaintOptions) => {
    const { left, right, top, bottom } = options;
    return runEditCommand(
      { task: "outpaint", files: { image }, fields: () => ({ left, right, top, bottom }) },
      options,
    );
  });
}
