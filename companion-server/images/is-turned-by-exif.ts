/** Whether an EXIF block turns pictures of this format. Browsers show a WebP as it is stored, and so does Penpot. */
export function isTurnedByExif(format: string): boolean {
  return format !== "webp";
}
