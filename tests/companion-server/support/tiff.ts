export interface Tiff {
  readonly width: number;
  readonly height: number;
  /** Channels: 1 grey, 3 RGB, 4 RGBA. */
  readonly channels: 1 | 3 | 4;
  /** Bits of a sample. */
  readonly bits: number;
  /** TIFF 6.0, tag SampleFormat. */
  readonly format: "unsigned" | "signed" | "float";
  readonly samples: ArrayBufferView;
}

const SHORT = 3;
const LONG = 4;

/** An uncompressed little-endian TIFF of one strip, of any kind of number. */
export function tiffOf({ width, height, channels, bits, format, samples }: Tiff): Uint8Array {
  const data = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const each = (value: number) => Array<number>(channels).fill(value);
  const tags: readonly (readonly [tag: number, type: number, values: readonly number[]])[] = [
    [256, SHORT, [width]],
    [257, SHORT, [height]],
    [258, SHORT, each(bits)],
    [259, SHORT, [1]],
    [262, SHORT, [channels === 1 ? 1 : 2]],
    [273, LONG, [8]],
    [277, SHORT, [channels]],
    [278, LONG, [height]],
    [279, LONG, [data.length]],
    ...(channels === 4 ? [[338, SHORT, [2]] as const] : []),
    [339, SHORT, each({ unsigned: 1, signed: 2, float: 3 }[format])],
  ];
  const directory = Buffer.alloc(2 + tags.length * 12 + 4);
  const lists: Buffer[] = [];
  let listAt = 8 + data.length + directory.length;
  directory.writeUInt16LE(tags.length, 0);
  for (const [i, [tag, type, values]] of tags.entries()) {
    const at = 2 + i * 12;
    const list = Buffer.alloc(Math.max(4, values.length * (type === SHORT ? 2 : 4)));
    for (const [k, value] of values.entries())
      if (type === SHORT) list.writeUInt16LE(value, k * 2);
      else list.writeUInt32LE(value, k * 4);
    directory.writeUInt16LE(tag, at);
    directory.writeUInt16LE(type, at + 2);
    directory.writeUInt32LE(values.length, at + 4);
    if (list.length === 4) list.copy(directory, at + 8);
    else {
      directory.writeUInt32LE(listAt, at + 8);
      listAt += list.length;
      lists.push(list);
    }
  }
  const header = Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0]);
  header.writeUInt32LE(8 + data.length, 4);
  return Buffer.concat([header, data, directory, ...lists]);
}
