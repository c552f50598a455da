import type { PixelSize } from "../../../shared/protocol/geometry.ts";
import type { PictureFile } from "../engines/edit-engine.ts";

/** The picture that styles are tried on: the playground's meadow, in a size. `root` ends in a slash. */
export function standardPictureFrom(root: string): (size: PixelSize) => Promise<PictureFile> {
  return async ({ width, height }) => {
    const response = await fetch(new URL("samples/meadow.png", root), { priority: "low" });
    if (!response.ok) throw new Error(`The standard picture: status ${response.status}.`);
    const options = { resizeWidth: width, resizeHeight: height, resizeQuality: "high" } as const;
    const bitmap = await createImageBitmap(await response.blob(), options);
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
    bitmap.close();
    const file = await canvas.convertToBlob({ type: "image/png" });
    return { bytes: new Uint8Array(await file.arrayBuffer()), mime: file.type };
  };
}
