import alertCircle from "feather-icons/dist/icons/alert-circle.svg?raw";
import arrowRight from "feather-icons/dist/icons/arrow-right.svg?raw";
import check from "feather-icons/dist/icons/check.svg?raw";
import chevronDown from "feather-icons/dist/icons/chevron-down.svg?raw";
import columns from "feather-icons/dist/icons/columns.svg?raw";
import image from "feather-icons/dist/icons/image.svg?raw";
import info from "feather-icons/dist/icons/info.svg?raw";
import lock from "feather-icons/dist/icons/lock.svg?raw";
import maximize from "feather-icons/dist/icons/maximize-2.svg?raw";
import minimize from "feather-icons/dist/icons/minimize-2.svg?raw";
import plus from "feather-icons/dist/icons/plus.svg?raw";
import refresh from "feather-icons/dist/icons/refresh-cw.svg?raw";
import swap from "feather-icons/dist/icons/repeat.svg?raw";
import undo from "feather-icons/dist/icons/rotate-ccw.svg?raw";
import redo from "feather-icons/dist/icons/rotate-cw.svg?raw";
import sliders from "feather-icons/dist/icons/sliders.svg?raw";
import trash from "feather-icons/dist/icons/trash-2.svg?raw";
import unlock from "feather-icons/dist/icons/unlock.svg?raw";
import x from "feather-icons/dist/icons/x.svg?raw";
import brush from "./brush.svg?raw";
import eraser from "./eraser.svg?raw";

// Feather's, and two of our own in its manner for what it lacks.
const icons = {
  "alert-circle": alertCircle,
  "arrow-right": arrowRight,
  brush,
  check,
  "chevron-down": chevronDown,
  columns,
  eraser,
  image,
  info,
  lock,
  maximize,
  minimize,
  plus,
  redo,
  refresh,
  sliders,
  swap,
  trash,
  undo,
  unlock,
  x,
} as const;

export type IconName = keyof typeof icons;

/** A decorative icon; the control around it carries the label. */
export function Icon({ name }: { readonly name: IconName }) {
  return <span class="glyph" aria-hidden="true" dangerouslySetInnerHTML={{ __html: icons[name] }} />;
}
