import type { PictureTensor } from "../picture-tensor.ts";
import type { OpenedModel } from "./opened-model.ts";

/** A network that makes a picture larger in one evaluation: no noise, no prompt, no steps. */
export interface SuperResolutionModel extends OpenedModel {
  readonly type: "super-resolution";
  /**
   * A picture as many times as wide and high as `facts.enlarging` says. The network sees zeros beyond the picture's borders;
   * results within its `receptiveRadius` of them differ from those inside a larger picture.
   */
  enlarge(picture: PictureTensor): Promise<PictureTensor>;
}
