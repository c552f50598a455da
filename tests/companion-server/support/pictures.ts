import { crc32, deflateSync } from "node:zlib";
import sharp from "sharp";

export interface Raw {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
}

/** Values that differ from pixel to pixel and channel to channel, the same every time. */
export function pattern({ width, height, channels }: Raw): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 37 + (i >> 3)) & 255);
}

export async function pngOf(raw: Raw, data: Uint8Array = pattern(raw)): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await sharp(data, { raw }).png().toBuffer());
}

function chunk(type: string, body: Uint8Array): Buffer {
  const content = Buffer.concat([Buffer.from(type, "latin1"), body]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(content));
  return Buffer.concat([length, content, check]);
}

/** A PNG of a hundred bytes whose header declares any size. */
export function pngThatClaims(width: number, height: number): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 6], 8); // 8 bits, RGBA
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const pixels = deflateSync(Buffer.alloc(64));
  return new Uint8Array(
    Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", pixels), chunk("IEND", Buffer.alloc(0))]),
  );
}
