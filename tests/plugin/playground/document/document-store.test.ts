import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createDocument, defaultShape, newShapeId } from "../../../../plugin/playground/document/document.ts";
import { DocumentStore } from "../../../../plugin/playground/document/document-store.ts";
import type { ShapeData } from "../../../../plugin/playground/document/shape.ts";
import { addShape, removeShape } from "../../../../plugin/playground/document/tree-edits.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const box = (name: string): ShapeData => ({ ...defaultShape(name), type: "rectangle" });
const add = (store: DocumentStore, shape = box("box")) => store.edit((document) => addShape(document, shape));
const count = (store: DocumentStore) => store.snapshot.document.shapes.size - 1;

test("undoes and redoes edit by edit", () => {
  const store = new DocumentStore();
  add(store);
  add(store);
  store.undo();
  expect(count(store)).toBe(1);
  store.redo();
  expect(count(store)).toBe(2);
  expect(store.canRedo).toBe(false);
});

test("forgets what was undone once something else is done", () => {
  const store = new DocumentStore();
  add(store);
  store.undo();
  add(store);
  expect(store.canRedo).toBe(false);
});

test("makes one step of an undo block, however many edits it has", () => {
  const store = new DocumentStore();
  const block = store.beginUndoBlock();
  for (let edits = 0; edits < 5; edits++) add(store);
  store.finishUndoBlock(block);
  store.undo();
  expect(count(store)).toBe(0);
  expect(store.canUndo).toBe(false);
});

test("makes one step of blocks that overlap", () => {
  const store = new DocumentStore();
  const [first, second] = [store.beginUndoBlock(), store.beginUndoBlock()];
  add(store);
  store.finishUndoBlock(first);
  add(store);
  store.finishUndoBlock(second);
  store.undo();
  expect(count(store)).toBe(0);
});

test("makes no step of a block in which nothing happened", () => {
  const store = new DocumentStore();
  store.finishUndoBlock(store.beginUndoBlock());
  expect(store.canUndo).toBe(false);
});

test("commits a block by itself after 20 s", () => {
  const store = new DocumentStore();
  const block = store.beginUndoBlock();
  add(store);
  vi.advanceTimersByTime(19_999);
  expect(store.canUndo).toBe(false);
  vi.advanceTimersByTime(1);
  expect(store.canUndo).toBe(true);
  add(store);
  store.finishUndoBlock(block);
  store.undo();
  expect(count(store)).toBe(1);
});

test("drops removed shapes from the selection, and shapes that were never there", () => {
  const store = new DocumentStore();
  const [kept, removed] = [box("kept"), box("removed")];
  add(store, kept);
  add(store, removed);
  store.select([kept.id, removed.id, newShapeId(), kept.id]);
  expect(store.snapshot.selection).toEqual([kept.id, removed.id]);
  store.edit((document) => removeShape(document, removed.id));
  expect(store.snapshot.selection).toEqual([kept.id]);
});

test("starts without history and selection in another document", () => {
  const store = new DocumentStore();
  add(store);
  store.beginUndoBlock();
  store.open(createDocument("Other"));
  expect(store.canUndo).toBe(false);
  expect(store.snapshot.document.name).toBe("Other");
  add(store);
  expect(store.canUndo).toBe(true);
});

test("tells listeners what was before and what is now, until they leave", () => {
  const store = new DocumentStore();
  const heard: string[] = [];
  const leave = store.subscribe((next, previous) => heard.push(`${previous.theme} → ${next.theme}`));
  store.setTheme("light");
  leave();
  store.setTheme("dark");
  expect(heard).toEqual(["dark → light"]);
});
