import { z } from "zod";

/** What is said to a model around a prompt. */
export const styleWordsSchema = z.object({
  /** `{prompt}` stands for what the designer typed. */
  template: z.string().max(400).includes("{prompt}"),
  negativePrompt: z.string().max(400),
});
export type StyleWords = Readonly<z.output<typeof styleWordsSchema>>;

/** A style that a picture can be drawn in: words around the prompt, as data. */
export interface StylePreset extends StyleWords {
  readonly id: string;
  readonly name: string;
}

/** In the order in which they are offered. */
export const stylePresets: readonly StylePreset[] = [
  {
    id: "flat",
    name: "Flat",
    template: "{prompt}, flat style, vector illustration, solid colours, simple shapes, clean edges",
    negativePrompt: "photograph, texture, gradient, noise",
  },
  {
    id: "3d",
    name: "3D icon",
    template: "{prompt}, 3d style, glossy rounded icon, soft light and shadow",
    negativePrompt: "photograph, flat, line art",
  },
  {
    id: "emoji",
    name: "Emoji",
    template: "{prompt}, noto style, emoji, thick shapes, gentle gradients",
    negativePrompt: "photograph, texture, noise",
  },
  {
    id: "riso",
    name: "Riso",
    template: "{prompt}, risograph print, two spot colours, halftone grain, misregistered ink",
    negativePrompt: "photograph, smooth gradient",
  },
  {
    id: "pencil",
    name: "Pencil",
    template: "{prompt}, pencil drawing, graphite shading on paper, hatching",
    negativePrompt: "photograph, colour, saturated",
  },
  {
    id: "watercolour",
    name: "Watercolour",
    template: "{prompt}, watercolour painting, soft washes, paper texture, bleeding edges",
    negativePrompt: "photograph, hard edges, vector",
  },
  {
    id: "oil",
    name: "Oil",
    template: "{prompt}, oil painting, visible brush strokes, thick paint on canvas",
    negativePrompt: "photograph, flat, vector",
  },
  {
    id: "ink",
    name: "Ink",
    template: "{prompt}, ink drawing, black line art on white, varied line width",
    negativePrompt: "photograph, colour, grey, shading",
  },
  {
    id: "clay",
    name: "Clay",
    template: "{prompt}, clay model, soft studio light, rounded shapes, matte surface",
    negativePrompt: "flat, line art, sketch",
  },
  {
    id: "pixel",
    name: "Pixel art",
    template: "{prompt}, pixel art, limited palette, crisp square pixels",
    negativePrompt: "photograph, blur, anti-aliasing",
  },
];
