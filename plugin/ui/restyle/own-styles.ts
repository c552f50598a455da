import { signal } from "@preact/signals";
import { z } from "zod";
import { referenceParts } from "../../../shared/protocol/edit-request.ts";
import type { Settings } from "../app/settings.ts";
import { isKept } from "../pictures/chosen-pictures.ts";
import type { Draft } from "../pictures/draft.ts";
import type { Picture } from "../pictures/picture.ts";
import type { KeptStore } from "./kept-store.ts";

const KEY = "own-styles";
export const MAX_STYLE_NAME = 40;
/** As many as a strip can be looked through; the oldest gives way. */
const MAX_STYLES = 24;

const thumbnailSchema = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  data: z.instanceof(Uint8ClampedArray),
});
const share = z.number().min(0).max(1);

const pictureSchema = z.object({
  name: z.string(),
  bytes: z.instanceof<typeof Uint8Array<ArrayBuffer>>(Uint8Array),
  mime: z.string(),
  thumbnail: thumbnailSchema,
});

const keptStyleSchema = z.object({
  id: z.string(),
  name: z.string().max(MAX_STYLE_NAME),
  thumbnail: thumbnailSchema,
  words: z.string(),
  negativeWords: z.string(),
  /** Id of the preset that it builds on. */
  preset: z.string().nullable(),
  strength: share,
  keepsLayout: z.boolean(),
  references: z.array(pictureSchema).max(referenceParts.length).default([]),
  referenceStrength: share,
});
/** Styles that were kept with one picture at most have it under another name. */
const ownStyleSchema = z
  .union([keptStyleSchema.extend({ reference: pictureSchema }), keptStyleSchema])
  .transform((kept) => {
    if (!("reference" in kept)) return kept;
    const { reference, ...style } = kept;
    return { ...style, references: [reference] };
  });
/** All that a restyle is set to, under a name. */
export type OwnStyle = z.output<typeof ownStyleSchema>;

type StyleSettings = Pick<
  Settings,
  "style" | "ownStyle" | "restyleStrength" | "keepsLayout" | "negativePrompt" | "references" | "referenceStrength"
>;

/** The designer's own styles, kept for the next time. */
export class OwnStyles {
  readonly styles = signal<readonly OwnStyle[]>([]);
  /** False where this browser forgets them with the panel. */
  readonly isLasting = signal(true);
  readonly #store: KeptStore;

  constructor(store: KeptStore) {
    this.#store = store;
  }

  async load(): Promise<void> {
    const kept = z.array(ownStyleSchema).safeParse(await this.#store.get(KEY));
    if (kept.success) this.styles.value = [...this.styles.peek(), ...kept.data];
    this.isLasting.value = await this.#store.isLasting;
  }

  /** Saves what is set now, and takes it. `looks`: a picture in this style. */
  save(name: string, looks: Picture["thumbnail"], draft: Pick<Draft, "prompt">, settings: StyleSettings): void {
    const style: OwnStyle = {
      id: crypto.randomUUID?.() ?? `${Date.now()}`,
      name: nameOf(name),
      thumbnail: copyOf(looks),
      words: draft.prompt.peek().trim(),
      negativeWords: settings.negativePrompt.peek().trim(),
      preset: settings.style.peek(),
      strength: settings.restyleStrength.peek(),
      keepsLayout: settings.keepsLayout.peek(),
      references: settings.references
        .peek()
        .filter(isKept)
        .map(({ name: file, bytes, mime, thumbnail }) => ({ name: file, bytes, mime, thumbnail: copyOf(thumbnail) })),
      referenceStrength: settings.referenceStrength.peek(),
    };
    this.#change([...this.styles.peek(), style].slice(-MAX_STYLES));
    settings.ownStyle.value = style.id;
  }

  /** Sets a restyle as it was when the style was saved, its words among it, where they can be seen and changed. */
  apply(style: OwnStyle, draft: Pick<Draft, "prompt">, settings: StyleSettings): void {
    draft.prompt.value = style.words;
    settings.negativePrompt.value = style.negativeWords;
    settings.style.value = style.preset;
    settings.restyleStrength.value = style.strength;
    settings.keepsLayout.value = style.keepsLayout;
    settings.references.value = style.references;
    settings.referenceStrength.value = style.referenceStrength;
    settings.ownStyle.value = style.id;
  }

  rename(id: string, name: string): void {
    this.#change(this.styles.peek().map((each) => (each.id === id ? { ...each, name: nameOf(name) } : each)));
  }

  remove(id: string): void {
    this.#change(this.styles.peek().filter((each) => each.id !== id));
  }

  #change(styles: readonly OwnStyle[]): void {
    this.styles.value = styles;
    void this.#store.set(KEY, styles);
  }
}

function nameOf(name: string): string {
  return name.trim().slice(0, MAX_STYLE_NAME) || "My style";
}

function copyOf({ width, height, data }: Picture["thumbnail"]): OwnStyle["thumbnail"] {
  return { width, height, data: new Uint8ClampedArray(data) };
}
