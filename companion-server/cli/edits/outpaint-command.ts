import { Command, InvalidArgumentError, Option } from "commander";
import { type Anchor, anchors } from "../../../shared/planning/extension/anchor.ts";
import { extensionForAspect } from "../../../shared/planning/extension/extension-for-aspect.ts";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { type EditOptions, layerOption, parseNumber, withEditOptions } from "../options.ts";
import { withControlOptions } from "./control-options.ts";
import { withReferenceOptions } from "./reference-options.ts";
import { runEditCommand } from "./run-edit-command.ts";

interface OutpaintOptions extends EditOptions {
  readonly left?: number;
  readonly right?: number;
  readonly top?: number;
  readonly bottom?: number;
  readonly aspect?: PixelSize;
  readonly anchor?: Anchor;
}

export function outpaintCommand(): Command {
  const command = new Command("outpaint")
    .description("extend a picture beyond its borders")
    .argument("<image>")
    .option("--left <pixels>", "how far to the left", parseNumber)
    .option("--right <pixels>", "how far to the right", parseNumber)
    .option("--top <pixels>", "how far above", parseNumber)
    .option("--bottom <pixels>", "how far below", parseNumber)
    .addOption(
      new Option("--aspect <W:H>", "extend to this shape instead, like 16:9")
        .argParser(parseAspect)
        .conflicts(["left", "right", "top", "bottom"]),
    )
    .addOption(new Option("--anchor <place>", "where the picture stays, with --aspect").choices(anchors))
    .option("--prompt <text>", "what is around the picture; empty continues it")
    .addOption(layerOption());
  return withEditOptions(
    withReferenceOptions(withControlOptions(command), "picture that is read beside the prompt"),
  ).action((image: string, options: OutpaintOptions) => {
    const fields = (source: PixelSize | undefined) => extension(source, options);
    return runEditCommand({ task: "outpaint", files: { image }, fields }, options);
  });
}

function extension(source: PixelSize | undefined, options: OutpaintOptions): object {
  const { left, right, top, bottom, aspect, anchor } = options;
  if (anchor !== undefined && aspect === undefined)
    throw new OverpaintError(
      "invalid-request",
      "--anchor needs --aspect.",
      "Or give --left, --right, --top and --bottom.",
    );
  if (aspect === undefined || source === undefined) return { left, right, top, bottom };
  return extensionForAspect(source, aspect, anchor);
}

function parseAspect(text: string): PixelSize {
  const [, width, height] = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(text)?.map(Number) ?? [];
  if (!width || !height) throw new InvalidArgumentError("Write it like 16:9.");
  return { width, height };
}
