import { createDocument } from "../document/document.ts";
import { addShape } from "../document/tree-edits.ts";
import type { Sample } from "./sample.ts";
import { board, ellipse, path, picture, rectangle } from "./shapes.ts";

/** A landing page's hero: a flat illustration whose dog is worth replacing, beside lines that stand for text. */
export const meadow: Sample<"meadow.png"> = {
  id: "meadow",
  name: "Hero with a meadow",
  pictures: ["meadow.png"],
  credits: [
    {
      text: "Tree, house and dog: Noto Emoji, Google LLC",
      licence: "Apache-2.0",
      url: "https://github.com/googlefonts/noto-emoji",
    },
  ],
  build(media) {
    const hero = board("Hero 16:9", { x: 0, y: 0, width: 1024, height: 576 }, "#fff8ec");
    const scene = picture("Meadow", { x: 224, y: 32, width: 768, height: 512 }, media["meadow.png"]);
    const dark = "#2f3a3d";
    const pale = "#c9c0b0";
    const shapes = [
      ellipse("Dot", { x: 32, y: 32, width: 28, height: 28 }, "#e8643c"),
      rectangle("Brand", { x: 70, y: 39, width: 76, height: 14 }, dark, { borderRadius: 7 }),
      rectangle("Headline 1", { x: 32, y: 176, width: 160, height: 24 }, dark, { borderRadius: 6 }),
      rectangle("Headline 2", { x: 32, y: 210, width: 112, height: 24 }, dark, { borderRadius: 6 }),
      rectangle("Text 1", { x: 32, y: 264, width: 160, height: 10 }, pale, { borderRadius: 5 }),
      rectangle("Text 2", { x: 32, y: 284, width: 148, height: 10 }, pale, { borderRadius: 5 }),
      rectangle("Text 3", { x: 32, y: 304, width: 124, height: 10 }, pale, { borderRadius: 5 }),
      rectangle("Button", { x: 32, y: 348, width: 116, height: 40 }, "#e8643c", { borderRadius: 20 }),
      path("Arrow", { x: 83, y: 361, width: 14, height: 14 }, "M0 6H9L5 2 7 0 14 7 7 14 5 12 9 8H0Z", "#ffffff"),
      scene,
    ];
    const page = addShape(createDocument("Landing page"), hero);
    return { document: shapes.reduce((next, shape) => addShape(next, shape, hero.id), page), selected: scene.id };
  },
};
