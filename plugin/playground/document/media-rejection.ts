export type MediaRejectionCode =
  | "media-type-not-allowed"
  | "media-type-mismatch"
  | "media-max-file-size-reached"
  | "invalid-image";

/** Why an upload was refused, with Penpot's own codes. */
export class MediaRejection extends Error {
  override readonly name = "MediaRejection";
  readonly code: MediaRejectionCode;

  constructor(code: MediaRejectionCode, message: string) {
    super(message);
    this.code = code;
  }
}
