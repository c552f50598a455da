import { RECIPE_KEY, RECIPE_NAMESPACE, type Recipe, recipeSchema } from "../../../shared/protocol/recipe.ts";
import { type Document, getShape } from "../document/document.ts";
import { placementOf, shapeBounds } from "../document/geometry-edits.ts";
import type { FillData, ShapeData } from "../document/shape.ts";
import type { Playground } from "../playground.ts";

/** What is known of the selected layer, and whose pictures are shown. */
export function DesignPanel({ playground }: { readonly playground: Playground }) {
  const { document, selection } = playground.snapshot.value;
  const [id, ...others] = selection;
  return (
    <aside class="design" aria-label="Design">
      <h2>Design</h2>
      {id === undefined && (
        <p class="hint">Select a picture, then paint over what should change in the plugin's window.</p>
      )}
      {others.length > 0 && <p class="hint">{selection.length} layers are selected.</p>}
      {id !== undefined && others.length === 0 && (
        <ShapeDetails playground={playground} document={document} shape={getShape(document, id)} />
      )}
      <Credits playground={playground} />
    </aside>
  );
}

interface ShapeDetailsProps {
  readonly playground: Playground;
  readonly document: Document;
  readonly shape: ShapeData;
}

function ShapeDetails({ playground, document, shape }: ShapeDetailsProps) {
  const { x, y } = shapeBounds(document, shape);
  const { width, height, rotation } = placementOf(document, shape);
  const recipe = recipeOf(shape);
  return (
    <>
      <section>
        <h3>{shape.name}</h3>
        <dl class="measures">
          <Measure label="X" value={x} />
          <Measure label="Y" value={y} />
          <Measure label="W" value={width} />
          <Measure label="H" value={height} />
          <Measure label="R" value={rotation} unit="°" />
          <Measure label="O" value={shape.opacity * 100} unit="%" />
        </dl>
      </section>
      {shape.fills.length > 0 && (
        <section>
          <h3>Fill</h3>
          <ul class="fills">
            {shape.fills.map((fill, index) => (
              <Fill key={index} playground={playground} fill={fill} />
            ))}
          </ul>
        </section>
      )}
      {recipe && <RecipeDetails recipe={recipe} />}
    </>
  );
}

function Measure({
  label,
  value,
  unit = "",
}: {
  readonly label: string;
  readonly value: number;
  readonly unit?: string;
}) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {Math.round(value * 100) / 100}
        {unit}
      </dd>
    </div>
  );
}

function Fill({ playground, fill }: { readonly playground: Playground; readonly fill: FillData }) {
  if (fill.type === "image") {
    const media = playground.store.media.get(fill.mediaId);
    return (
      <li>
        <span class="swatch swatch-image" />
        Image {media && `${media.width} × ${media.height}`}
      </li>
    );
  }
  return (
    <li>
      <span class="swatch" style={fill.type === "color" ? { background: fill.color } : {}} />
      {fill.type === "color" ? fill.color : `${fill.kind} gradient`}
    </li>
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
