import { Icon } from "../controls/icon.tsx";
import { FirstRun } from "../models/shelf/first-run.tsx";
import { usePanel } from "../panel-context.ts";
import { OtherPicture } from "../pictures/other-picture.tsx";
import { describeProblem } from "./problems/problem.ts";
import { ProblemCard } from "./problems/problem-card.tsx";

/** No picture is open: says which one to select, or why the selected one cannot be opened. */
export function EmptyState() {
  const { sessions, settings } = usePanel();
  const empty = sessions.empty.value;
  if (empty.type === "unreadable") {
    return (
      <div class="empty">
        <ProblemCard
          problem={describeProblem(empty.error, "reading", new Set())}
          onFix={() => void sessions.open(empty.image)}
        />
      </div>
    );
  }
  if (empty.type === "loading" || empty.type === "waiting") {
    return (
      <div class="empty" aria-busy="true">
        <span class="spinner" />
        <p>{empty.type === "loading" ? `Opening ${empty.name}…` : "Waiting for Penpot…"}</p>
      </div>
    );
  }
  if (empty.type === "choice") {
    return (
      <div class="empty">
        <span class="empty-picture">
          <Icon name="image" />
        </span>
        <h1>Two pictures are selected.</h1>
        <p>Which one do you want to edit? The other can lend it its style.</p>
        {empty.images.map((image) => (
          <button
            key={image.shapeId}
            type="button"
            class="empty-choice"
            data-appearance="secondary"
            onClick={() => void sessions.open(image)}
          >
            <span class="clipped">{image.name}</span>
          </button>
        ))}
      </div>
    );
  }
  return (
    <div class="empty">
      <span class="empty-picture">
        <Icon name="image" />
      </span>
      <h1>{empty.error.message}</h1>
      <p>{empty.error.remedy ?? "Select a shape with an image fill on the canvas."}</p>
      {empty.pictures.map((image) => (
        <button
          key={image.shapeId}
          type="button"
          class="empty-choice"
          data-appearance="primary"
          onClick={() => void sessions.open(image)}
        >
          <span class="clipped">Edit “{image.name}”</span>
        </button>
      ))}
      {sessions.target.value !== undefined && (
        <button
          type="button"
          class="empty-choice"
          data-appearance="secondary"
          onClick={() => {
            settings.task.value = "create";
          }}
        >
          <span class="clipped">Create a picture in “{sessions.target.value.name}”</span>
        </button>
      )}
      <OtherPicture />
      <FirstRun />
    </div>
  );
}
