import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layTiles } from "../../../../shared/planning/sizes/lay-tiles.ts";

const GRID = 8;
const cells = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * GRID);

/** A picture, a tile that fits in it, and an overlap that fits in the tile. */
const layout = fc
  .tuple(cells(2, 40), cells(2, 40), fc.integer({ min: 0, max: 1_000 }))
  .chain(([tileWidth, tileHeight, salt]) =>
    fc.tuple(cells(0, 300), cells(0, 300)).map(([moreWidth, moreHeight]) => ({
      picture: { width: tileWidth + moreWidth, height: tileHeight + moreHeight },
      tile: { width: tileWidth, height: tileHeight },
      overlap: { width: (salt % (tileWidth / GRID)) * GRID, height: (salt % (tileHeight / GRID)) * GRID },
    })),
  );

describe("layTiles", () => {
  test("covers the picture, from border to border, with at least the stated overlap, on the grid", () => {
    fc.assert(
      fc.property(layout, ({ picture, tile, overlap }) => {
        const { columns, rows, overlapAcross, overlapDown } = layTiles(picture, tile, overlap, GRID);
        for (const [positions, side, length, least, stated] of [
          [columns, tile.width, picture.width, overlap.width, overlapAcross],
          [rows, tile.height, picture.height, overlap.height, overlapDown],
        ] as const) {
          expect(stated).toBe(positions.length > 1 ? least : 0);
          expect(positions[0]).toBe(0);
          expect(positions.at(-1)! + side).toBe(length);
          for (const [i, position] of positions.entries()) {
            expect(position % GRID).toBe(0);
            if (i > 0) expect(positions[i - 1]! + side - position).toBeGreaterThanOrEqual(least);
            if (i > 0) expect(position).toBeGreaterThan(positions[i - 1]!);
          }
        }
      }),
    );
  });

  test("lays no more tiles than needed", () => {
    expect(layTiles({ width: 512, height: 384 }, { width: 128, height: 128 }, { width: 32, height: 32 }, 8)).toEqual({
      tileWidth: 128,
      tileHeight: 128,
      overlapAcross: 32,
      overlapDown: 32,
      columns: [0, 96, 192, 288, 384],
      rows: [0, 80, 168, 256],
    });
  });
});
