import type { z } from "zod";
import { OverpaintError } from "../../protocol/overpaint-error.ts";
import type { PackFiles } from "../pack-files.ts";
import { type Borrowed, locateFile, requireLender } from "./borrowed-components.ts";
import { parseJson } from "./parse-json.ts";
import { type Recommendation, recommendationSchema } from "./recommendation.ts";

type TextFiles = Pick<PackFiles, "readText">;

/** A pack's JSON files, those of borrowed components included. */
export class PackConfigs {
  readonly recommended: Recommendation;
  /** What the pack takes from the one beside it. */
  readonly borrowed: Borrowed | undefined;
  readonly #files: TextFiles;

  private constructor(files: TextFiles, recommended: Recommendation) {
    this.recommended = recommended;
    this.borrowed = recommended.borrows;
    this.#files = files;
  }

  /** Reads what the pack's makers recommend. Throws OverpaintError `damaged-model`, also when the pack that lends is missing. */
  static async open(files: TextFiles): Promise<PackConfigs> {
    const text = await files.readText("overpaint.json");
    const recommended = text === undefined ? { defaults: {} } : parseJson("overpaint.json", text, recommendationSchema);
    if (recommended.borrows) await requireLender(files, recommended.borrows);
    return new PackConfigs(files, recommended);
  }

  /** Where a folder's graph lies. */
  graphIn(folder: string): string {
    return locateFile(`${folder}/model.onnx`, this.borrowed);
  }

  async has(path: string): Promise<boolean> {
    return (await this.#files.readText(locateFile(path, this.borrowed))) !== undefined;
  }

  /** Undefined where there is no such file. Throws OverpaintError `damaged-model` naming file and field. */
  async readOptional<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema> | undefined> {
    const text = await this.#files.readText(locateFile(path, this.borrowed));
    return text === undefined ? undefined : parseJson(path, text, schema);
  }

  /** Throws OverpaintError `damaged-model` when there is no such file, too. */
  async readRequired<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>> {
    const value = await this.readOptional(path, schema);
    if (value !== undefined) return value;
    throw missingConfig(path);
  }
}

export function missingConfig(path: string): OverpaintError {
  return new OverpaintError(
    "damaged-model",
    `The model's ${path} is missing.`,
    "A model pack is a folder in the diffusers ONNX layout. Install the model again, or choose the folder that holds model_index.json.",
  );
}
