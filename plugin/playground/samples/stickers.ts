import { createDocument } from "../document/document.ts";
import { addShape } from "../document/tree-edits.ts";
import type { Sample } from "./sample.ts";
import { board, picture, rectangle } from "./shapes.ts";

const cards = [
  { file: "burger.png", name: "Burger" },
  { file: "strawberry.png", name: "Strawberry" },
  { file: "rocket.png", name: "Rocket" },
] as const;

/** Three stickers on plain ground, one of them turned: quick to edit, and to see that layers follow a rotation. */
export const stickers: Sample<(typeof cards)[number]["file"]> = {
  id: "stickers",
  name: "Sticker cards",
  pictures: cards.map((card) => card.file),
  credits: [
    {
      text: "Hamburger, strawberry and rocket: Twemoji, Twitter, Inc and other contributors",
      licence: "CC-BY-4.0",
      url: "https://github.com/jdecked/twemoji",
    },
  ],
  build(media) {
    const page = board("Cards", { x: 0, y: 0, width: 1184, height: 560 }, "#f4f1fb");
    const pictures = cards.map(({ file, name }, index) =>
      picture(name, { x: 56 + index * 376, y: 72, width: 320, height: 320 }, media[file], {
        rotation: index === 1 ? 6 : 0,
      }),
    );
    const captions = cards.map(({ name }, index) =>
      rectangle(`${name} caption`, { x: 116 + index * 376, y: 440, width: 200, height: 20 }, "#4a3f63", {
        borderRadius: 10,
      }),
    );
    const document = [...captions, ...pictures].reduce(
      (next, shape) => addShape(next, shape, page.id),
      addShape(createDocument("Stickers"), page),
    );
    return { document, selected: pictures[0]!.id };
  },
};
