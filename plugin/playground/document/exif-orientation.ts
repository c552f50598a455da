const ORIENTATION_TAG = 0x0112;

/** Whether a JPEG's APP1 segment at `offset` (its content's start) asks for a quarter turn: EXIF orientations 5 to 8. */
export function isTurnedSideways(view: DataView, offset: number): boolean {
  // "Exif\0\0", then a TIFF file, whose offsets count from its own start.
  const tiff = offset + 6;
  if (tiff + 8 > view.byteLength || view.getUint32(offset) !== 0x45786966) return false;
  const isLittleEndian = view.getUint16(tiff) === 0x4949;
  const directory = tiff + view.getUint32(tiff + 4, isLittleEndian);
  if (directory + 2 > view.byteLength) return false;
  const entries = view.getUint16(directory, isLittleEndian);
  for (let index = 0; index < entries; index++) {
    const entry = directory + 2 + index * 12;
    if (entry + 12 > view.byteLength) return false;
    if (view.getUint16(entry, isLittleEndian) === ORIENTATION_TAG)
      return view.getUint16(entry + 8, isLittleEndian) >= 5;
  }
  return false;
}
