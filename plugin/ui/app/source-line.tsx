import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { IconButton } from "../controls/icon-button.tsx";
import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { RecipeButton } from "./recipe-button.tsx";

/** Penpot's default for plugins, and a size that leaves most of a laptop's screen to the design. */
const COMPACT_SIZE = { width: 335, height: 590 };
/** What Penpot's window has around the panel. */
const WINDOW_FRAME = { width: 20, height: 43 };
const EXPANDED_SIZE = { width: 960, height: 680 };
/** From this width on the controls stand beside the picture; the style sheet has the same number. */
const WIDE_LAYOUT = "(min-width: 640px)";

interface SourceLineProps {
  readonly name: string;
  /** What stands beside the name. */
  readonly children: ComponentChildren;
  readonly session: EditSession | undefined;
}

/** Which picture this is, and the window's size. */
export function SourceLine({ name, session, children }: SourceLineProps) {
  const { sandbox, settings } = usePanel();
  const isWide = useSignal(matchMedia(WIDE_LAYOUT).matches);
  useEffect(() => {
    const query = matchMedia(WIDE_LAYOUT);
    const update = () => {
      isWide.value = query.matches;
    };
    query.addEventListener("change", update);
    return () => query.removeEventListener("change", update);
  }, [isWide]);
  const toggle = () => {
    const next = isWide.peek() ? (settings.compactSize.peek() ?? COMPACT_SIZE) : EXPANDED_SIZE;
    if (!isWide.peek())
      settings.compactSize.value = {
        width: window.innerWidth + WINDOW_FRAME.width,
        height: window.innerHeight + WINDOW_FRAME.height,
      };
    sandbox.resize(next.width, next.height);
  };
  return (
    <header class="source-line">
      <h1 class="source-name" title={name}>
        {name}
      </h1>
      {children}
      {session !== undefined && <RecipeButton session={session} />}
      <IconButton
        icon={isWide.value ? "minimize" : "maximize"}
        label={isWide.value ? "Make the panel small" : "Make the panel large"}
        onClick={toggle}
      />
    </header>
  );
}
