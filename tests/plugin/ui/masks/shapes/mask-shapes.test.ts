import { afterEach, beforeEach, expect, test } from "vitest";
import type { EditSession } from "../../../../../plugin/ui/pictures/edit-session.ts";
import { PanelInNode } from "../../support/panel-in-node.ts";

let panel: PanelInNode;
let session: EditSession;
beforeEach(async () => {
  panel = await PanelInNode.start();
  await panel.sessions.select(panel.imageSelection("a"));
  session = panel.sessions.current.value!;
});
afterEach(() => panel.companion.kill());

/** A square of the shape, whole but for a soft pixel in its corner. */
function drawSquare(x: number, version = "1"): void {
  const data = new Uint8Array(64).fill(255);
  data[0] = 100;
  session.drawShapes(
    { shapeIds: ["square"], by: "outline", version },
    { place: { x, y: 8, width: 8, height: 8 }, data },
  );
}

function moveSquare(x: number): void {
  session.maskShapes.value = { ...session.maskShapes.value!, isStale: true };
  drawSquare(x, "2");
}

function stroke(tool: "brush" | "eraser", x: number, y: number): void {
  session.setBrushSize(4);
  const drawn = session.beginStroke(tool);
  drawn.drawLine({ x, y }, { x, y });
  session.endStroke(drawn);
}

const valueAt = (x: number, y: number) => session.mask.tiles[0]?.[(y << 8) | x] ?? 0;

test("moves with its shape, to the byte", () => {
  drawSquare(8);
  moveSquare(30);
  expect([valueAt(10, 10), valueAt(30, 8), valueAt(31, 8), valueAt(37, 15)]).toEqual([0, 100, 255, 255]);
});

test("keeps what was painted by hand, before the shape and after", () => {
  stroke("brush", 10, 10);
  drawSquare(8);
  stroke("brush", 50, 40);
  moveSquare(30);
  expect([valueAt(10, 10), valueAt(14, 14), valueAt(50, 40), valueAt(33, 12)]).toEqual([255, 0, 255, 255]);
  moveSquare(20);
  expect([valueAt(10, 10), valueAt(33, 12), valueAt(50, 40), valueAt(23, 12)]).toEqual([255, 0, 255, 255]);
});

test("keeps what was erased by hand", () => {
  drawSquare(8);
  stroke("eraser", 12, 12);
  moveSquare(10);
  expect([valueAt(12, 12), valueAt(16, 14), valueAt(8, 14)]).toEqual([0, 255, 0]);
});

test("draws anew what the whole mask was grown to, over what was painted before", () => {
  stroke("brush", 50, 40);
  drawSquare(8);
  const whole = { x: 0, y: 0, width: 64, height: 48 };
  session.applyPatch({ place: whole, data: new Uint8Array(64 * 48).fill(255) }, "replace");
  moveSquare(30);
  expect([valueAt(50, 40), valueAt(33, 12), valueAt(60, 4)]).toEqual([255, 255, 0]);
});

test("is one step that can be undone; before the shapes there are none", () => {
  stroke("brush", 50, 40);
  drawSquare(8);
  session.undo();
  expect(session.maskShapes.value).toBeUndefined();
  expect([valueAt(10, 10), valueAt(50, 40)]).toEqual([0, 255]);
});
