import { createDocument } from "../document/document.ts";
import { addShape } from "../document/tree-edits.ts";
import type { Sample } from "./sample.ts";
import { board, picture, rectangle } from "./shapes.ts";

/** A photograph, once whole and once cropped by a square box. */
export const coffee: Sample<"coffee.jpg"> = {
  id: "coffee",
  name: "Coffee photograph",
  pictures: ["coffee.jpg"],
  credits: [
    {
      text: "Photograph: Rachel Michetti, courtesy of Pikolo Espresso Bar (from scikit-image)",
      licence: "CC0-1.0",
      url: "https://scikit-image.org/docs/stable/api/skimage.data.html",
    },
  ],
  build(media) {
    const page = board("Card 4:5", { x: 0, y: 0, width: 720, height: 900 }, "#f6efe7");
    const photograph = picture("Coffee", { x: 60, y: 60, width: 600, height: 400 }, media["coffee.jpg"]);
    const shapes = [
      photograph,
      picture("Coffee, cropped", { x: 60, y: 520, width: 240, height: 240 }, media["coffee.jpg"]),
      rectangle("Headline", { x: 340, y: 536, width: 280, height: 28 }, "#3b2a20", { borderRadius: 6 }),
      rectangle("Text 1", { x: 340, y: 596, width: 320, height: 10 }, "#cbb9a6", { borderRadius: 5 }),
      rectangle("Text 2", { x: 340, y: 620, width: 296, height: 10 }, "#cbb9a6", { borderRadius: 5 }),
      rectangle("Text 3", { x: 340, y: 644, width: 232, height: 10 }, "#cbb9a6", { borderRadius: 5 }),
    ];
    const document = shapes.reduce(
      (next, shape) => addShape(next, shape, page.id),
      addShape(createDocument("Coffee"), page),
    );
    return { document, selected: photograph.id };
  },
};
