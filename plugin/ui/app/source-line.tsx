import type { ComponentChildren } from "preact";
import { IconButton } from "../controls/icon-button.tsx";
import { usePanel } from "../panel-context.ts";
import type { EditSession } from "../pictures/edit-session.ts";
import { RecipeButton } from "./recipe-button.tsx";

interface SourceLineProps {
  readonly name: string;
  /** What stands beside the name. */
  readonly children: ComponentChildren;
  readonly session: EditSession | undefined;
}

/** Which picture this is, and the window's size. */
export function SourceLine({ name, session, children }: SourceLineProps) {
  const { panelWindow } = usePanel();
  const isLarge = panelWindow.isLarge.value;
  return (
    <header class="source-line">
      <h1 class="source-name" title={name}>
        {name}
      </h1>
      {children}
      {session !== undefined && <RecipeButton session={session} />}
      <IconButton
        icon={isLarge ? "minimize" : "maximize"}
        label={isLarge ? "Make the panel small" : "Make the panel large"}
        hint={isLarge ? undefined : "It grows to the right and down, and comes back to where it was"}
        onClick={() => panelWindow.toggle()}
      />
    </header>
  );
}
