import { expect, test } from "vitest";
import { previewSize } from "../../../../shared/editing/layer/preview-size.ts";
import { shrinkOpacity } from "../../../../shared/editing/layer/shrink-opacity.ts";

test.each([
  [300, 200, 300, 200],
  [4000, 3000, 512, 384],
  [16_384, 1, 512, 1],
])("previews %d×%d at %d×%d", (width, height, shownWidth, shownHeight) => {
  expect(previewSize({ width, height })).toEqual({ width: shownWidth, height: shownHeight });
});

test("keeps a cut-out's opacity in a preview", () => {
  const data = Uint8Array.from({ length: 8 * 4 * 4 }, (_, i) => (i % 4 === 3 && Math.floor(i / 4) % 8 >= 4 ? 200 : 0));
  const { data: small } = shrinkOpacity({ width: 8, height: 4, data }, { width: 4, height: 2 });
  expect([...small.filter((_, i) => i % 4 === 3)]).toEqual([0, 0, 200, 200, 0, 0, 200, 200]);
});
