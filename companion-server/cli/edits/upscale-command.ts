import { Command, Option } from "commander";
import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import { OverpaintError } from "../../../shared/protocol/overpaint-error.ts";
import { type EditOptions, parseNumber, withEditOptions } from "../options.ts";
import { runEditCommand } from "./run-edit-command.ts";

const DEFAULT_SCALE = 4;

interface UpscaleOptions extends EditOptions {
  readonly scale?: string;
  readonly width?: number;
  readonly height?: number;
  readonly noiseLevel?: number;
  readonly strength?: number;
}

export function upscaleCommand(): Command {
  const command = new Command("upscale")
    .description("enlarge a picture")
    .argument("<image>")
    .addOption(
      new Option("--scale <factor>", `how many times larger (default: ${DEFAULT_SCALE})`)
        .choices(["2", "3", "4"])
        .conflicts(["width", "height"]),
    )
    .option("--width <pixels>", "exact width, together with --height", parseNumber)
    .option("--height <pixels>", "exact height, together with --width", parseNumber)
    .option("--prompt <text>", "what the picture shows")
    .option(
      "--noise-level <number>",
      "how much a diffusion upscaler may invent, 0 to 350 or what the model knows",
      parseNumber,
    )
    .option("--strength <number>", "how much refinement may change, 0 to 1", parseNumber);
  return withEditOptions(command).action((image: string, options: UpscaleOptions) => {
    const { noiseLevel, strength } = options;
    const fields = (source: PixelSize | undefined) => ({ ...targetSize(source, options), noiseLevel, strength });
    return runEditCommand({ task: "upscale", files: { image }, fields }, options);
  });
}

function targetSize(source: PixelSize | undefined, { scale, width, height }: UpscaleOptions): Partial<PixelSize> {
  if (width !== undefined && height !== undefined) return { width, height };
  if (width !== undefined || height !== undefined)
    throw new OverpaintError("invalid-request", "--width and --height belong together.", "Give both, or --scale.");
  const factor = Number(scale ?? DEFAULT_SCALE);
  return source === undefined ? {} : { width: source.width * factor, height: source.height * factor };
}
