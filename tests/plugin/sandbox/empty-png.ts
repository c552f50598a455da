import { crc32 } from "node:zlib";

/** Signature and header of a PNG without pixels: all that Penpot's checks and the sandbox look at. */
export function emptyPng(width: number, height: number): Uint8Array {
  const png = new Uint8Array(33);
  const view = new DataView(png.buffer);
  png.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  view.setUint32(8, 13);
  png.set(new TextEncoder().encode("IHDR"), 12);
  view.setUint32(16, width);
  view.setUint32(20, height);
  png.set([8, 6, 0, 0, 0], 24);
  view.setUint32(29, crc32(png.subarray(12, 29)));
  return png;
}
