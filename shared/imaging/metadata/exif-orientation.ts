const ORIENTATION_TAG = 0x0112;
const SHORT = 3;

/**
 * The orientation in an EXIF block (TIFF header first; "Exif\0\0" before it is skipped): 1 upright to 8, and 1 where it
 * says nothing sensible. Exif 2.32, section 4.6.2.
 */
export function exifOrientation(exif: DataView): number {
  try {
    const hasPrefix = exif.getUint32(0) === 0x45786966;
    const start = hasPrefix ? 6 : 0;
    const order = exif.getUint16(start);
    if (order !== 0x4949 && order !== 0x4d4d) return 1;
    const little = order === 0x4949;
    const directory = start + exif.getUint32(start + 4, little);
    const count = exif.getUint16(directory, little);
    for (let index = 0; index < count; index += 1) {
      const entry = directory + 2 + index * 12;
      if (exif.getUint16(entry, little) !== ORIENTATION_TAG) continue;
      const value = exif.getUint16(entry + 2, little) === SHORT ? exif.getUint16(entry + 8, little) : 1;
      return value >= 1 && value <= 8 ? value : 1;
    }
    return 1;
  } catch (error) {
    if (error instanceof RangeError) return 1; // cut short
    throw error;
  }
}
