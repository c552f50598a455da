import { useSignal } from "@preact/signals";
import type { CatalogAnswer, CatalogTask, OfferedModel } from "../../../../shared/protocol/models/model-catalog.ts";
import { formatBytes } from "../../../../shared/protocol/text/format-bytes.ts";
import { usePanel } from "../../panel-context.ts";
import { describeLicence, describeVerdict } from "./describe-model.ts";
import { ModelTaskProgress } from "./model-task-row.tsx";

interface OfferedModelProps {
  readonly model: OfferedModel;
  readonly machine: CatalogAnswer["machine"];
  /** What it is looked for; undefined: anything. */
  readonly task: CatalogTask | undefined;
}

/** A model of the catalog: what it is good at, what it costs in room, and its terms before it is fetched. */
export function OfferedModelCard({ model, machine, task }: OfferedModelProps) {
  const { shelf } = usePanel();
  const isAsking = useSignal(false);
  const { id, name, about, licence, gated, bytes, checked, recommendedFor, verdict, repository } = model;
  const isRecommended = task === undefined ? recommendedFor.length > 0 : recommendedFor.includes(task);
  const work = shelf.work.tasks.value.find(
    (each) => each.type === "install" && each.model === id && each.state !== "done" && each.state !== "cancelled",
  );
  // Forbidden to many who make designs for others: nobody is to find that out afterwards.
  const needsConsent = licence.commercial !== true || gated;
  const install = () => {
    isAsking.value = false;
    void shelf.install(id);
  };
  return (
    <li class="shelf-item" data-model={id}>
      <div class="shelf-words">
        <b>
          {name}
          {isRecommended && <span class="shelf-badge">Recommended</span>}
        </b>
        <small>{about}.</small>
        <small>
          {checked ? "" : "about "}
          {formatBytes(bytes)}
          {" · "}
          <span data-verdict={verdict}>{describeVerdict(model, machine) ?? "What it takes here is not known"}</span>
        </small>
        <details open={isAsking.value}>
          <summary>{describeLicence(licence)}</summary>
          <small>
            {licence.name}: {licence.terms}
            {gated && ` Its owner asks you to accept terms first, at huggingface.co/${repository}.`}
          </small>
        </details>
        {isAsking.value && (
          <div class="row">
            <button type="button" data-appearance="primary" onClick={install}>
              I accept these terms: install
            </button>
            <button
              type="button"
              class="text-button"
              onClick={() => {
                isAsking.value = false;
              }}
            >
              Not now
            </button>
          </div>
        )}
      </div>
      {work !== undefined && <ModelTaskProgress task={work} />}
      {work === undefined && !isAsking.value && shelf.may("startModelTask") && (
        <button
          type="button"
          data-appearance={isRecommended ? "primary" : "secondary"}
          aria-label={`Install “${name}”`}
          onClick={() => {
            if (needsConsent) isAsking.value = true;
            else install();
          }}
        >
          Install
        </button>
      )}
    </li>
  );
}
