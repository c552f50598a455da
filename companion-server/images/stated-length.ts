const LITTLE_ENDIAN_TIFF = 0x49492a00;
const BIG_ENDIAN_TIFF = 0x4d4d002a;
/** Where strips or tiles begin, and how long each is: TIFF 6.0, sections 3 and 15. */
const OFFSETS = [273, 324];
const LENGTHS = [279, 325];
/** Bytes of the numbers of TIFF's types SHORT and LONG. */
const numberBytes: Readonly<Record<number, 2 | 4>> = { 3: 2, 4: 4 };
const ENTRY_BYTES = 12;

/**
 * How many bytes a picture's file has at least, by what is there of it. Undefined where it says nothing: only WebP and TIFF do.
 *
 * @param bytes the file's, or no more than its first 24
 */
export function statedLength(bytes: Uint8Array): number | undefined {
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (file.byteLength < 12) return undefined;
  const start = file.getUint32(0);
  // RFC 9649, section 2.4: "RIFF", the length of what follows, "WEBP".
  if (start === 0x52494646 && file.getUint32(8) === 0x57454250) return 8 + file.getUint32(4, true);
  if (start === LITTLE_ENDIAN_TIFF || start === BIG_ENDIAN_TIFF) return tiffLength(file, start === LITTLE_ENDIAN_TIFF);
  return undefined;
}

/** The end of its first directory, and where that can be read of all that it points to. */
function tiffLength(file: DataView, isLittle: boolean): number {
  const directory = file.getUint32(4, isLittle);
  if (directory + 2 > file.byteLength) return directory + 2;
  const end = directory + 2 + file.getUint16(directory, isLittle) * ENTRY_BYTES;
  if (end > file.byteLength) return end;
  const lists = new Map<number, readonly number[]>();
  for (let entry = directory + 2; entry < end; entry += ENTRY_BYTES)
    lists.set(file.getUint16(entry, isLittle), entryValues(file, entry, isLittle));
  const listed = (tags: readonly number[]) => tags.flatMap((tag) => lists.get(tag) ?? []);
  const lengths = listed(LENGTHS);
  return Math.max(end, ...listed(OFFSETS).map((offset, i) => offset + (lengths[i] ?? 0)));
}

/** A directory's entry: tag, type, count, and its numbers, or where they lie. Empty where they are not there. */
function entryValues(file: DataView, entry: number, isLittle: boolean): readonly number[] {
  const size = numberBytes[file.getUint16(entry + 2, isLittle)];
  const count = file.getUint32(entry + 4, isLittle);
  if (size === undefined) return [];
  const start = count * size <= 4 ? entry + 8 : file.getUint32(entry + 8, isLittle);
  if (start + count * size > file.byteLength) return [];
  return Array.from({ length: count }, (_, i) =>
    size === 2 ? file.getUint16(start + i * size, isLittle) : file.getUint32(start + i * size, isLittle),
  );
}
