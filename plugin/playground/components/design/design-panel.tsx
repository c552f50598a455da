import "./design-panel.css";
import { RECIPE_KEY, RECIPE_NAMESPACE, type Recipe, recipeSchema } from "../../../../shared/protocol/recipe.ts";
import { align, combine, distribute } from "../../actions.ts";
import { getShape } from "../../document/document.ts";
import { booleanTypes, type ShapeData } from "../../document/shape.ts";
import { exportShape } from "../../files/save.ts";
import type { Playground } from "../../playground.ts";
import { Section } from "./fields.tsx";
import { Measures } from "./measures.tsx";
import { Effects, Fills, Strokes } from "./paints.tsx";
import { TextSection } from "./text-section.tsx";

/** What is selected and how it looks, and whose pictures are shown. */
export function DesignPanel({ playground }: { readonly playground: Playground }) {
  const { document, selection } = playground.snapshot.value;
  const [id, ...others] = selection;
  const shape = id !== undefined && others.length === 0 ? getShape(document, id) : undefined;
  return (
    <aside class="design" aria-label="Design">
      <h2>Design</h2>
      {id === undefined && (
        <p class="hint">Select a picture, then paint over what should change in the plugin's window.</p>
      )}
      {others.length > 0 && <Several playground={playground} count={selection.length} />}
      {shape && <ShapeDetails playground={playground} shape={shape} />}
      <Credits playground={playground} />
    </aside>
  );
}

function Several({ playground, count }: { readonly playground: Playground; readonly count: number }) {
  return (
    <>
      <p class="hint">{count} layers are selected.</p>
      <Section title="Align">
        <div class="grid-3">
          <Button label="Left" onClick={() => align(playground, "x", "start")} />
          <Button label="Centre" onClick={() => align(playground, "x", "center")} />
          <Button label="Right" onClick={() => align(playground, "x", "end")} />
          <Button label="Top" onClick={() => align(playground, "y", "start")} />
          <Button label="Middle" onClick={() => align(playground, "y", "center")} />
          <Button label="Bottom" onClick={() => align(playground, "y", "end")} />
        </div>
        {count > 2 && (
          <div class="grid-2">
            <Button label="Spread across" onClick={() => distribute(playground, "x")} />
            <Button label="Spread down" onClick={() => distribute(playground, "y")} />
          </div>
        )}
      </Section>
      <Section title="Combine">
        <div class="grid-2">
          {booleanTypes.map((type) => (
            <Button
              key={type}
              label={type.charAt(0).toUpperCase() + type.slice(1)}
              onClick={() => combine(playground, type)}
            />
          ))}
        </div>
      </Section>
    </>
  );
}

function Button({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <button type="button" class="secondary" onClick={onClick}>
      {label}
    </button>
  );
}

function ShapeDetails({ playground, shape }: { readonly playground: Playground; readonly shape: ShapeData }) {
  const recipe = recipeOf(shape);
  const save = (scale: number) => playground.attempt(() => exportShape(playground, shape.id, scale));
  const isPainted = shape.type !== "group" && shape.type !== "svg-raw";
  return (
    <>
      {recipe && <RecipeDetails recipe={recipe} />}
      <Measures playground={playground} shape={shape} />
      {shape.type === "text" && <TextSection playground={playground} shape={shape} />}
      {isPainted && <Fills playground={playground} shape={shape} />}
      {isPainted && <Strokes playground={playground} shape={shape} />}
      <Effects playground={playground} shape={shape} />
      <Section title="Export">
        <div class="grid-2">
          <Button label="PNG" onClick={() => save(1)} />
          <Button label="PNG @2x" onClick={() => save(2)} />
        </div>
      </Section>
    </>
  );
}

function RecipeDetails({ recipe: { request, seed, model, engine } }: { readonly recipe: Recipe }) {
  return (
    <section class="recipe">
      <h3>Made with Overpaint</h3>
      <p>{request.prompt === "" ? "Filled with what fits" : `“${request.prompt}”`}</p>
      <p class="hint">
        {model.id}, seed {seed}, {engine.device}
      </p>
    </section>
  );
}

/** What a plugin stored may be anything, so it is shown only when it is a recipe. */
function recipeOf(shape: ShapeData): Recipe | undefined {
  try {
    return recipeSchema.parse(JSON.parse(shape.pluginData[`shared/${RECIPE_NAMESPACE}`]?.[RECIPE_KEY] ?? ""));
  } catch {
    return undefined;
  }
}

function Credits({ playground }: { readonly playground: Playground }) {
  if (playground.credits.value.length === 0) return null;
  return (
    <footer class="credits">
      <h3>Pictures</h3>
      {playground.credits.value.map(({ text, licence, url }) => (
        <p key={text}>
          {text}.{" "}
          <a href={url} target="_blank" rel="noreferrer">
            {licence}
          </a>
        </p>
      ))}
    </footer>
  );
}
