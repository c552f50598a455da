import type { Model } from "../../shared/diffusion/models/model-family.ts";
import type { RgbaImage } from "../../shared/imaging/rgba-image.ts";

/** What a section may use. */
export interface QualityContext {
  /** The model that is judged; `openPack` opens others, by their folder under models/. */
  readonly model: Model;
  readonly openPack: (name: string) => Promise<Model>;
  /** A sample picture of the playground, by file name. */
  readonly sample: (file: string) => Promise<RgbaImage>;
  /** Writes a contact sheet beside the report and answers the Markdown that shows it. */
  readonly writeSheet: (name: string, rows: readonly (readonly RgbaImage[])[]) => Promise<string>;
}

/** One part of the quality report: a table, a contact sheet, or both. */
export interface QualitySection {
  /** What `npm run quality -- NAME` picks it by. */
  readonly name: string;
  readonly title: string;
  /** Answers the section's Markdown, without its title. */
  readonly run: (context: QualityContext) => Promise<string>;
}
