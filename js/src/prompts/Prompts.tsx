import { useEffect, useRef, useState } from "preact/hooks";
import { Cut, Toasts } from "../kit";
import { Chat } from "../models/Chat";
import type { Actions, PromptsLink } from "./actions";
import { Bar } from "./Bar";
import { Edit } from "./Edit";
import { Export } from "./Export";
import { Import } from "./Import";
import { List } from "./List";
import { Pending } from "./Pending";
import { Preview } from "./Preview";
import type { PromptsModel } from "./reducer";

interface Props {
  model: PromptsModel;
  can: Actions;
  link: PromptsLink;
  /** How many toasts there are: the view is rendered when that changes. */
  toasts: number;
}

/** The prompt library: a list and a prompt beside it, or a form in their place. */
export function Prompts({ model, can, link }: Props) {
  const { place, form, importing, chat, revision, listed } = model;
  const disabled = model.lost || model.heard === false;
  const [page, setPage] = useState<"browse" | "import">("browse");
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [exporting, setExporting] = useState<readonly string[] | null>(null);
  const box = useRef<HTMLElement>(null);
  // An import that is done leads back to the list.
  const taking = useRef(false);
  useEffect(() => {
    if (taking.current && importing.stage === "none") setPage("browse");
    taking.current = importing.stage === "taking";
  }, [importing.stage]);
  const importPage = page === "import" && !form;
  const browsing = !form && !importPage;
  // The head of a page that takes the place of another one is seen.
  const shown = form ? "form" : importPage ? "import" : "browse";
  const before = useRef(shown);
  useEffect(() => {
    if (before.current !== shown && shown !== "browse")
      box.current?.scrollIntoView({ block: "nearest" });
    before.current = shown;
  }, [shown]);
  return (
    <section class="pl-view pl-prompts" aria-label="Prompt library" ref={box}>
      <Cut
        lost={model.lost}
        heard={model.heard}
        afterwards="This is what it last knew. %parllama prompts --view opens a new one."
        meanwhile="What is shown may be older."
      />
      {browsing && (
        <div class="pl-prompts-browse">
          <Pending {...{ model, can, disabled }} onOpen={() => setPage("import")} />
          <Bar
            {...{ model, can, disabled }}
            onImport={() => setPage("import")}
            onExport={() => setExporting([])}
          />
          <div
            class={
              place.open ? "pl-prompts-pair pl-prompts-reading" : "pl-prompts-pair"
            }
          >
            <List
              {...{ model, can, disabled, selected }}
              onSelect={setSelected}
              onImport={() => setPage("import")}
              onExport={setExporting}
            />
            {(place.open || listed.total > 0) && (
              <Preview
                key={place.open}
                {...{ model, can, link, disabled, revision }}
                name={place.open}
                onExport={() => setExporting([place.open])}
              />
            )}
          </div>
        </div>
      )}
      {form && <Edit {...{ model, can, link, disabled, form }} />}
      {importPage && (
        <Import {...{ model, can, disabled }} onClose={() => setPage("browse")} />
      )}
      {chat && <Chat chat={chat} link={link} onClose={can.closeChat} />}
      {exporting && (
        <Export
          {...{ can, link }}
          names={exporting}
          onClose={() => setExporting(null)}
        />
      )}
      <Toasts toaster={can.toaster} />
    </section>
  );
}
