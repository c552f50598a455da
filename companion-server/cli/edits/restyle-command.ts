import { Command } from "commander";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { type EditOptions, parseNumber, withEditOptions } from "../options.ts";
import { withControlOptions } from "./control-options.ts";
import { withReferenceOptions } from "./reference-options.ts";
import { runEditCommand } from "./run-edit-command.ts";

interface RestyleOptions extends EditOptions {
  readonly strength?: number;
  readonly style?: string;
  readonly referenceStrength?: number;
  readonly keepLayout: boolean;
}

/** What a ControlNet is shown of the source where it is to keep the layout. */
const LAYOUT_CONTROL = {
  kind: "tile",
  file: undefined,
  strength: undefined,
  start: undefined,
  end: undefined,
} as const;

export function restyleCommand(): Command {
  const command = new Command("restyle")
    .description("draw a picture anew in another style")
    .argument("<image>")
    .option("--prompt <text>", "what it should look like")
    .option("--style <id>", "a style preset, which takes the prompt in")
    .option("--reference-strength <number>", "how much of the references is taken over, 0 to 1", parseNumber)
    .option("--strength <number>", "how far from the source, 0 to 1", parseNumber)
    .option("--no-keep-layout", "start from fresh noise instead of the picture's own");
  return withEditOptions(
    withReferenceOptions(
      withControlOptions(command),
      "picture whose style is taken over, of several the mean, or that is read beside the prompt",
    ),
  ).action((image: string, options: RestyleOptions) => {
    const { prompt, style, reference, strength, keepLayout, referenceStrength } = options;
    if (prompt === undefined && style === undefined && reference === undefined)
      throw new OverpaintError(
        "invalid-request",
        "Nothing says what the picture should look like.",
        "Add --prompt, --style or --reference.",
      );
    const fields = () => ({
      style,
      strength,
      keepLayout,
      ...(referenceStrength !== undefined && { referenceStrength }),
    });
    // A ControlNet that is named alone keeps the layout, by the source's own colours.
    const keepsByControl = keepLayout && options.controlModel !== undefined && options.control === undefined;
    const held = keepsByControl ? { ...options, control: [LAYOUT_CONTROL] } : options;
    return runEditCommand({ task: "restyle", files: { image }, fields }, held);
  });
}
