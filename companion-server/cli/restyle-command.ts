import { Command } from "commander";
import { OverpaintError } from "../../shared/protocol/overpaint-error.ts";
import { type EditOptions, parseNumber, withEditOptions } from "./options.ts";
import { runEditCommand } from "./run-edit-command.ts";

interface RestyleOptions extends EditOptions {
  readonly strength?: number;
  readonly style?: string;
  readonly reference?: string;
  readonly referenceStrength?: number;
  readonly keepLayout: boolean;
}

export function restyleCommand(): Command {
  const command = new Command("restyle")
    .description("draw a picture anew in another style")
    .argument("<image>")
    .option("--prompt <text>", "what it should look like")
    .option("--style <id>", "a style preset, which takes the prompt in")
    .option("--reference <file>", "picture whose style is taken over")
    .option("--reference-strength <number>", "how much of the reference is taken over, 0 to 1", parseNumber)
    .option("--strength <number>", "how far from the source, 0 to 1", parseNumber)
    .option("--no-keep-layout", "start from fresh noise instead of the picture's own");
  return withEditOptions(command).action((image: string, options: RestyleOptions) => {
    const { prompt, style, reference, strength, keepLayout, referenceStrength } = options;
    if (prompt === undefined && style === undefined && reference === undefined)
      throw new OverpaintError(
        "invalid-request",
        "Nothing says what the picture should look like.",
        "Add --prompt, --style or --reference.",
      );
    const files = reference === undefined ? { image } : { image, reference };
    const fields = () => ({ style, strength, keepLayout, referenceStrength });
    return runEditCommand({ task: "restyle", files, fields }, options);
  });
}
