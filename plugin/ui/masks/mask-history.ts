import { TILE_SIDE, type TileChanges, type TiledMask } from "./tiled-mask.ts";

/** Undo keeps replaced tiles alive. This bounds them; the oldest strokes are forgotten first. */
export const MAX_HISTORY_BYTES = 64 * 1024 * 1024;
const TILE_BYTES = TILE_SIDE * TILE_SIDE;

/** Undo and redo of strokes on one mask. */
export class MaskHistory {
  readonly #mask: TiledMask;
  readonly #maxBytes: number;
  #done: TileChanges[] = [];
  #undone: TileChanges[] = [];

  constructor(mask: TiledMask, maxBytes = MAX_HISTORY_BYTES) {
    this.#mask = mask;
    this.#maxBytes = maxBytes;
  }

  get canUndo(): boolean {
    return this.#done.length > 0;
  }

  get canRedo(): boolean {
    return this.#undone.length > 0;
  }

  /** Remembers a finished stroke. What was undone before it is gone. Strokes that changed nothing are not remembered. */
  push(changes: TileChanges): void {
    if (changes.size === 0) return;
    this.#done.push(changes);
    this.#undone = [];
    let bytes = 0;
    const firstKept = this.#done.findLastIndex((entry) => {
      bytes += entry.size * TILE_BYTES;
      return bytes > this.#maxBytes;
    });
    // The newest stroke stays undoable however large it is.
    this.#done = this.#done.slice(Math.min(firstKept + 1, this.#done.length - 1));
  }

  /** Returns false when there is nothing to undo. */
  undo(): boolean {
    const changes = this.#done.pop();
    if (changes === undefined) return false;
    for (const [index, { before }] of changes) this.#mask.setTile(index, before);
    this.#undone.push(changes);
    return true;
  }

  /** Returns false when there is nothing to redo. */
  redo(): boolean {
    const changes = this.#undone.pop();
    if (changes === undefined) return false;
    for (const [index, { after }] of changes) this.#mask.setTile(index, after);
    this.#done.push(changes);
    return true;
  }

  /** Unpaints everything, as one undoable step. */
  clear(): void {
    const changes = new Map(
      this.#mask.tiles.flatMap((before, index) =>
        before === undefined ? [] : [[index, { before, after: undefined }] as const],
      ),
    );
    for (const index of changes.keys()) this.#mask.setTile(index, undefined);
    this.push(changes);
  }
}
