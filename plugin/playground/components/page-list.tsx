import { addPage, emptyPage, removePage, updatePage } from "../document/document.ts";
import type { Playground } from "../playground.ts";
import { Icon } from "./icon.tsx";

/** The file's pages. A double click on the open one renames it. */
export function PageList({ playground }: { readonly playground: Playground }) {
  const { store, snapshot } = playground;
  const { document } = snapshot.value;
  const nameOf = (id: string) =>
    id === document.pageId ? document.pageName : document.otherPages.find((page) => page.pageId === id)?.pageName;
  const add = () => {
    const page = emptyPage(`Page ${document.pageOrder.length + 1}`);
    store.edit((same) => addPage(same, page));
    store.openPage(page.pageId);
  };
  return (
    <section class="pages" aria-label="Pages">
      <header>
        <h2>Pages</h2>
        <button type="button" class="tool" aria-label="Add a page" title="Add a page" onClick={add}>
          <Icon name="plus" />
        </button>
      </header>
      <ul>
        {document.pageOrder.map((id) => (
          <li key={id} class="layer">
            <button
              type="button"
              class="layer-name"
              aria-pressed={id === document.pageId}
              onClick={() => {
                store.openPage(id);
                playground.showAll();
              }}
              onDblClick={() => {
                const pageName = prompt("Name of the page", nameOf(id))?.trim();
                if (pageName) store.edit((same) => updatePage(same, id, () => ({ pageName })));
              }}
            >
              <Icon name="file" />
              <span>{nameOf(id)}</span>
            </button>
            {document.pageOrder.length > 1 && (
              <button
                type="button"
                class="layer-eye"
                aria-label={`Remove ${nameOf(id)}`}
                title="Remove the page"
                onClick={() => store.edit((same) => removePage(same, id))}
              >
                <Icon name="trash" />
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
