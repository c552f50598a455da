import alertCircle from "feather-icons/dist/icons/alert-circle.svg?raw";
import alignCenter from "feather-icons/dist/icons/align-center.svg?raw";
import alignLeft from "feather-icons/dist/icons/align-left.svg?raw";
import alignRight from "feather-icons/dist/icons/align-right.svg?raw";
import arrowDown from "feather-icons/dist/icons/arrow-down.svg?raw";
import arrowUp from "feather-icons/dist/icons/arrow-up.svg?raw";
import check from "feather-icons/dist/icons/check.svg?raw";
import chevronDown from "feather-icons/dist/icons/chevron-down.svg?raw";
import chevronsDown from "feather-icons/dist/icons/chevrons-down.svg?raw";
import chevronsUp from "feather-icons/dist/icons/chevrons-up.svg?raw";
import circle from "feather-icons/dist/icons/circle.svg?raw";
import code from "feather-icons/dist/icons/code.svg?raw";
import copy from "feather-icons/dist/icons/copy.svg?raw";
import undo from "feather-icons/dist/icons/corner-up-left.svg?raw";
import redo from "feather-icons/dist/icons/corner-up-right.svg?raw";
import mask from "feather-icons/dist/icons/disc.svg?raw";
import download from "feather-icons/dist/icons/download.svg?raw";
import eye from "feather-icons/dist/icons/eye.svg?raw";
import eyeOff from "feather-icons/dist/icons/eye-off.svg?raw";
import file from "feather-icons/dist/icons/file.svg?raw";
import filePlus from "feather-icons/dist/icons/file-plus.svg?raw";
import folder from "feather-icons/dist/icons/folder.svg?raw";
import ungroup from "feather-icons/dist/icons/folder-minus.svg?raw";
import frame from "feather-icons/dist/icons/hash.svg?raw";
import image from "feather-icons/dist/icons/image.svg?raw";
import layers from "feather-icons/dist/icons/layers.svg?raw";
import layout from "feather-icons/dist/icons/layout.svg?raw";
import lock from "feather-icons/dist/icons/lock.svg?raw";
import fit from "feather-icons/dist/icons/maximize.svg?raw";
import menu from "feather-icons/dist/icons/menu.svg?raw";
import minus from "feather-icons/dist/icons/minus.svg?raw";
import moon from "feather-icons/dist/icons/moon.svg?raw";
import more from "feather-icons/dist/icons/more-vertical.svg?raw";
import mousePointer from "feather-icons/dist/icons/mouse-pointer.svg?raw";
import penTool from "feather-icons/dist/icons/pen-tool.svg?raw";
import plus from "feather-icons/dist/icons/plus.svg?raw";
import rotate from "feather-icons/dist/icons/rotate-cw.svg?raw";
import save from "feather-icons/dist/icons/save.svg?raw";
import square from "feather-icons/dist/icons/square.svg?raw";
import sun from "feather-icons/dist/icons/sun.svg?raw";
import trash from "feather-icons/dist/icons/trash-2.svg?raw";
import type from "feather-icons/dist/icons/type.svg?raw";
import unlock from "feather-icons/dist/icons/unlock.svg?raw";
import upload from "feather-icons/dist/icons/upload.svg?raw";
import x from "feather-icons/dist/icons/x.svg?raw";

const icons = {
  rotate,
  alignRight,
  alignCenter,
  alignLeft,
  menu,
  mask,
  code,
  type,
  mousePointer,
  lock,
  unlock,
  trash,
  download,
  save,
  arrowUp,
  arrowDown,
  chevronsUp,
  chevronsDown,
  ungroup,
  more,
  chevronDown,
  file,
  filePlus,
  frame,
  boolean: layers,

  alertCircle,
  check,
  circle,
  copy,
  eye,
  eyeOff,
  fit,
  folder,
  image,
  layout,
  minus,
  moon,
  penTool,
  plus,
  redo,
  square,
  sun,
  undo,
  upload,
  x,
};
export type IconName = keyof typeof icons;

/** A Feather icon in the text's colour; decorative, so what it stands for needs a name of its own. */
export function Icon({ name }: { readonly name: IconName }) {
  return <span class="icon" aria-hidden="true" dangerouslySetInnerHTML={{ __html: icons[name] }} />;
}
