import { effect, type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { PixelRect } from "../../../shared/protocol/geometry.ts";
import type { Draft } from "../pictures/draft.ts";

export interface DecodedPreview {
  readonly image: HTMLImageElement;
  readonly area: PixelRect;
}

/** The newest preview that has been decoded; the one before stays until then, so that the picture does not flicker. */
export function usePreviewImage(draft: Draft): ReadonlySignal<DecodedPreview | undefined> {
  const decoded = useSignal<DecodedPreview | undefined>(undefined);
  useEffect(() => {
    let newest: string | undefined;
    return effect(() => {
      const state = draft.shown.value?.job.state.value;
      const preview = state?.type === "running" ? state.preview : undefined;
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
  }, [draft, decoded]);
  return decoded;
}
