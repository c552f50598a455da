import { expect, test, vi } from "vitest";
import type { ShapeData } from "../../../../plugin/playground/document/shape.ts";
import { updateShape } from "../../../../plugin/playground/document/tree-edits.ts";
import { withPicture } from "../pictures-on-pages.ts";

test.each<[string, Partial<ShapeData>, string]>([
  ["a translucent fill", {}, "picture"],
  ["a blur", { blur: { id: "b", value: 4, hidden: false } }, "picture"],
  ["half its opacity", { opacity: 0.5 }, "group"],
  ["nothing of the kind", {}, "layer"],
])("says how a result comes in to look like its source: %s", async (name, change, insertion) => {
  const { host, id } = withPicture(change);
  if (name === "a translucent fill")
    host.store.edit((page) =>
      updateShape(page, id, (each) => ({ ...each, fills: each.fills.map((fill) => ({ ...fill, opacity: 0.6 })) })),
    );
  host.store.select([id]);
  await vi.waitFor(() => expect(host.last("selection")?.selection).toMatchObject({ image: { insertion } }));
});

test("tells what a picture's shape cuts away and how far strokes cover it", async () => {
  const { host, id } = withPicture({ borderRadius: 9 });
  host.penpot.currentPage!.getShapeById(id)!.strokes = [
    { strokeColor: "#000000", strokeWidth: 6, strokeAlignment: "center", strokeStyle: "solid", strokeOpacity: 1 },
  ];
  host.store.select([id]);
  await vi.waitFor(() =>
    expect(host.last("selection")?.selection).toMatchObject({
      image: { rim: 3, outline: { d: expect.stringContaining("A9 9"), matrix: [1, 0, 0, 1, 0, 0] } },
    }),
  );
});
