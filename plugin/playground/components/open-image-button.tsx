import { useRef } from "preact/hooks";
import type { Playground } from "../playground.ts";
import { Icon } from "./icon.tsx";

export function OpenImageButton({ playground }: { readonly playground: Playground }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" class="secondary" onClick={() => input.current?.click()}>
        <Icon name="upload" />
        Open image…
      </button>
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,image/webp,image/gif"
        aria-label="Image file"
        hidden
        onChange={async (event) => {
          const file = event.currentTarget.files?.[0];
          // So that the same file can be chosen again.
          const clear = event.currentTarget;
          if (file)
            await playground.attempt(async () =>
              playground.openImage(file.name, new Uint8Array(await file.arrayBuffer())),
            );
          clear.value = "";
        }}
      />
    </>
  );
}
