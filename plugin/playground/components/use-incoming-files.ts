import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { paste } from "../actions.ts";
import type { Playground } from "../playground.ts";

/** Opens pictures and saved documents that are dropped on the page or pasted; what was copied here is pasted too. The signal tells that some are being dragged over it. */
export function useIncomingFiles(playground: Playground): Signal<boolean> {
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
      await openAll([...(event.dataTransfer?.files ?? [])]);
    };
    const onPaste = async (event: ClipboardEvent) => {
      if (event.target instanceof HTMLElement && event.target.matches("input, textarea")) return;
      const files = [...(event.clipboardData?.files ?? [])];
      if (files.length > 0) await openAll(files);
      else paste(playground);
    };
    const openAll = async (files: readonly File[]) => {
      for (const file of files) await playground.attempt(() => playground.openFile(file));
    };
    window.addEventListener("dragover", onDragOver);
    window.addEventListener("dragleave", onDragLeave);
    window.addEventListener("drop", onDrop);
    window.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("dragover", onDragOver);
      window.removeEventListener("dragleave", onDragLeave);
      window.removeEventListener("drop", onDrop);
      window.removeEventListener("paste", onPaste);
    };
  }, [playground, isOver]);
  return isOver;
}
