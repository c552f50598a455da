/** A picture as models see it. */
export interface PictureTensor {
  readonly width: number;
  readonly height: number;
  /** [3, height, width], red, green and blue planes, −1 (black) to 1 (white). */
  readonly data: Float32Array;
}
