import alertCircle from "feather-icons/dist/icons/alert-circle.svg?raw";
import arrowRight from "feather-icons/dist/icons/arrow-right.svg?raw";
import check from "feather-icons/dist/icons/check.svg?raw";
import chevronDown from "feather-icons/dist/icons/chevron-down.svg?raw";
import circle from "feather-icons/dist/icons/circle.svg?raw";
import clock from "feather-icons/dist/icons/clock.svg?raw";
import columns from "feather-icons/dist/icons/columns.svg?raw";
import copy from "feather-icons/dist/icons/copy.svg?raw";
import droplet from "feather-icons/dist/icons/droplet.svg?raw";
import help from "feather-icons/dist/icons/help-circle.svg?raw";
import image from "feather-icons/dist/icons/image.svg?raw";
import info from "feather-icons/dist/icons/info.svg?raw";
import layers from "feather-icons/dist/icons/layers.svg?raw";
import lock from "feather-icons/dist/icons/lock.svg?raw";
import maximize from "feather-icons/dist/icons/maximize-2.svg?raw";
import minimize from "feather-icons/dist/icons/minimize-2.svg?raw";
import more from "feather-icons/dist/icons/more-horizontal.svg?raw";
import move from "feather-icons/dist/icons/move.svg?raw";
import plus from "feather-icons/dist/icons/plus.svg?raw";
import refresh from "feather-icons/dist/icons/refresh-cw.svg?raw";
import swap from "feather-icons/dist/icons/repeat.svg?raw";
import undo from "feather-icons/dist/icons/rotate-ccw.svg?raw";
import redo from "feather-icons/dist/icons/rotate-cw.svg?raw";
import search from "feather-icons/dist/icons/search.svg?raw";
import slash from "feather-icons/dist/icons/slash.svg?raw";
import sliders from "feather-icons/dist/icons/sliders.svg?raw";
import square from "feather-icons/dist/icons/square.svg?raw";
import trash from "feather-icons/dist/icons/trash-2.svg?raw";
import unlock from "feather-icons/dist/icons/unlock.svg?raw";
import x from "feather-icons/dist/icons/x.svg?raw";
import brush from "./brush.svg?raw";
import contrast from "./contrast.svg?raw";
import eraser from "./eraser.svg?raw";
import lasso from "./lasso.svg?raw";
import object from "./object.svg?raw";

// Feather's, and some of our own in its manner for what it lacks.
const icons = {
  "alert-circle": alertCircle,
  "arrow-right": arrowRight,
  brush,
  check,
  "chevron-down": chevronDown,
  columns,
  circle,
  clock,
  contrast,
  copy,
  droplet,
  eraser,
  help,
  image,
  info,
  lasso,
  layers,
  lock,
  maximize,
  minimize,
  more,
  move,
  object,
  plus,
  redo,
  refresh,
  search,
  slash,
  sliders,
  square,
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
