/** Where a picture stays while its canvas grows around it. */
export const anchors = [
  "center",
  "top",
  "bottom",
  "left",
  "right",
  "top-left",
  "top-right",
  "bottom-left",
  "bottom-right",
] as const;
export type Anchor = (typeof anchors)[number];
