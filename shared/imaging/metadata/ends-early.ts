import { OverpaintError } from "../../protocol/overpaint-error.ts";

/** What is known of a picture's missing end. */
export type MissingEnd =
  | { readonly type: "rows"; readonly missing: number; readonly of: number }
  /** At least so many. */
  | { readonly type: "bytes"; readonly missing: number }
  /** Progressive and interlaced pictures come as a whole, in rounds that each add detail. */
  | { readonly type: "rounds" }
  | { readonly type: "pixels" };

/** Says that a picture ends too early and, as far as it is known, how much is missing. */
export function endsEarly(name: string, end: MissingEnd): OverpaintError {
  return new OverpaintError(
    "unreadable-image",
    `${name} ends too early: ${inWords(end)} missing.`,
    "Export or download it again.",
  );
}

function inWords(end: MissingEnd): string {
  switch (end.type) {
    case "rows":
      return `its last ${end.missing === 1 ? "row is" : `${end.missing} of ${end.of} rows are`}`;
    case "bytes":
      return `at least ${end.missing === 1 ? "one byte is" : `${end.missing} bytes are`}`;
    case "rounds":
      return "it is stored in rounds of growing detail, of which the last are";
    case "pixels":
      return "a part of its pixels is";
  }
}
