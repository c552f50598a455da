import type { Recipe } from "../../../../shared/protocol/recipe.ts";
import { taskNames } from "../../app/task-names.ts";
import { IconButton } from "../../controls/icon-button.tsx";
import { copyRecipe } from "../recipes/copy-recipe.ts";

interface KeptItemProps {
  readonly recipe: Recipe;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Of a small picture. */
  readonly thumbnail?: string | undefined;
  readonly onOpen: () => void;
}

/** One that was made before the panel was opened: its recipe can be used again. */
export function KeptItem({ recipe, at, thumbnail, onOpen }: KeptItemProps) {
  const { request, seed } = recipe;
  const words = request.prompt === "" ? taskNames[request.task] : request.prompt;
  return (
    <li class="history-item">
      <button type="button" class="history-open" title="Set everything as it was for this" onClick={onOpen}>
        {thumbnail === undefined ? (
          <span class="thumbnail history-empty" />
        ) : (
          <img class="thumbnail" src={thumbnail} alt="" />
        )}
        <span class="history-words">
          <b class="clipped">{words}</b>
          <small class="clipped">
            {taskNames[request.task]} · {request.model} · {seed} · {new Date(at).toLocaleDateString()}
          </small>
        </span>
      </button>
      <IconButton icon="copy" label={`Copy the recipe of “${words}”`} onClick={() => copyRecipe(recipe)} />
    </li>
  );
}
