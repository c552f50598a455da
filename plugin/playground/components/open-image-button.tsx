import { useRef } from "preact/hooks";
import type { Playground } from "../playground.ts";
import { Icon } from "./icon.tsx";

/** Puts a picture on the page or opens a saved document. */
export function OpenImageButton({ playground }: { readonly playground: Playground }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="secondary" onClick={() => input.current?.click()}>
        <Icon name="upload" />
        Open…
      </button>
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,image/webp,image/gif,.json"
        aria-label="Image file"
        hidden
        onChange={async (event) => {
          const file = event.currentTarget.files?.[0];
          // So that the same file can be chosen again.
          const clear = event.currentTarget;
          if (file) await playground.attempt(() => playground.openFile(file));
          clear.value = "";
        }}
      />
    </>
  );
}
