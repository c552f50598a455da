import { effect, type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { Edit } from "../pictures/edit.ts";

interface DecodedPreview {
  readonly image: HTMLImageElement;
  readonly area: PixelRect;
}

/** The newest preview that has been decoded; the one before stays until then, so that the picture does not flicker. */
export function usePreviewImage(edit: Edit): ReadonlySignal<DecodedPreview | undefined> {
  const decoded = useSignal<DecodedPreview | undefined>(undefined);
  useEffect(() => {
    let newest: string | undefined;
    return effect(() => {
      const phase = edit.phase.value;
      const preview = phase.type === "running" ? phase.preview : undefined;
      if (preview?.url === newest) return;
      newest = preview?.url;
      if (preview === undefined) {
        decoded.value = undefined;
        return;
      }
      const image = new Image();
      image.src = preview.url;
      image.decode().then(
        () => {
          if (newest === preview.url) decoded.value = { image, area: preview.area };
        },
        // A preview that cannot be shown is no reason to end the edit.
        () => {},
      );
    });
  }, [edit, decoded]);
  return decoded;
}
