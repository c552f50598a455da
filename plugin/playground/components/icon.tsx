import alertCircle from "feather-icons/dist/icons/alert-circle.svg?raw";
import check from "feather-icons/dist/icons/check.svg?raw";
import circle from "feather-icons/dist/icons/circle.svg?raw";
import copy from "feather-icons/dist/icons/copy.svg?raw";
import undo from "feather-icons/dist/icons/corner-up-left.svg?raw";
import redo from "feather-icons/dist/icons/corner-up-right.svg?raw";
import eye from "feather-icons/dist/icons/eye.svg?raw";
import eyeOff from "feather-icons/dist/icons/eye-off.svg?raw";
import folder from "feather-icons/dist/icons/folder.svg?raw";
import image from "feather-icons/dist/icons/image.svg?raw";
import layout from "feather-icons/dist/icons/layout.svg?raw";
import fit from "feather-icons/dist/icons/maximize.svg?raw";
import minus from "feather-icons/dist/icons/minus.svg?raw";
import moon from "feather-icons/dist/icons/moon.svg?raw";
import penTool from "feather-icons/dist/icons/pen-tool.svg?raw";
import plus from "feather-icons/dist/icons/plus.svg?raw";
import square from "feather-icons/dist/icons/square.svg?raw";
import sun from "feather-icons/dist/icons/sun.svg?raw";
import upload from "feather-icons/dist/icons/upload.svg?raw";
import x from "feather-icons/dist/icons/x.svg?raw";

const icons = {
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
