import { effect, useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { creationSizeOf } from "../jobs/build-request.ts";
import { usePanel } from "../panel-context.ts";
import type { Draft } from "../pictures/draft.ts";
import { resultScene } from "../stage/result-scene.ts";
import { StageBadge } from "../stage/stage-badge.tsx";
import { StageView } from "../stage/stage-view.ts";
import { usePreviewImage } from "../stage/use-preview-image.ts";
import { type StageScene, useStageCanvas } from "../stage/use-stage-canvas.ts";
import { useStageKeys } from "../stage/use-stage-keys.ts";
import { accentColour } from "../theme.ts";

/** The new picture: an empty frame of its size, then its preview, then itself. */
export function CreateStage({ draft }: { readonly draft: Draft }) {
  const { settings, sessions, theme } = usePanel();
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useMemo(() => new StageView(), []);
  const preview = usePreviewImage(draft);
  useStageKeys(stage);

  const scene = useComputed<StageScene>(() => {
    const chosen = draft.chosen.value;
    if (chosen !== undefined) return resultScene(draft, chosen);
    void theme.value;
    const frameColour = accentColour(frame.current ?? document.documentElement);
    const shown = preview.value;
    const size = creationSizeOf(settings, sessions.target.value);
    const area = shown?.area ?? { x: 0, y: 0, ...size };
    const overlay = shown && ({ type: "preview", ...shown } as const);
    return { picture: undefined, visible: area, frame: area, frameColour, overlay };
  });
  useEffect(() => effect(() => stage.showPart(scene.value.frame)), [stage, scene]);
  useStageCanvas({ stage, frame, canvases: [canvas], scene });

  return (
    <div class="stage">
      <div ref={frame} class="stage-surface" data-tool="none" role="img" aria-label="The new picture">
        <canvas ref={canvas} class="stage-canvas" />
      </div>
      <StageBadge draft={draft} stage={stage} />
    </div>
  );
}
