import { useEffect, useRef } from "preact/hooks";
import type { Picture } from "../pictures/picture.ts";

/** A small copy of a picture, as it is. */
export function Thumbnail({ pixels }: { readonly pixels: Picture["thumbnail"] }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const { width, height, data } = pixels;
  useEffect(() => {
    canvas.current?.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(data), width, height), 0, 0);
  }, [data, width, height]);
  return <canvas ref={canvas} class="thumbnail" width={width} height={height} />;
}
