import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Playground } from "../playground.ts";

/** Opens image files that are dropped anywhere on the page. The signal tells that some are being dragged over it. */
export function useFileDrop(playground: Playground): Signal<boolean> {
  const isOver = useSignal(false);
  useEffect(() => {
    const onDragOver = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      isOver.value = true;
    };
    const onDragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) isOver.value = false;
    };
    const onDrop = async (event: DragEvent) => {
      event.preventDefault();
      isOver.value = false;
      for (const file of [...(event.dataTransfer?.files ?? [])]) {
        const bytes = new Uint8Array(await file.arrayBuffer());
        await playground.attempt(() => playground.openImage(file.name, bytes));
      }
    };
    window.addEventListener("dragover", onDragOver);
    window.addEventListener("dragleave", onDragLeave);
    window.addEventListener("drop", onDrop);
    return () => {
      window.removeEventListener("dragover", onDragOver);
      window.removeEventListener("dragleave", onDragLeave);
      window.removeEventListener("drop", onDrop);
    };
  }, [playground, isOver]);
  return isOver;
}
