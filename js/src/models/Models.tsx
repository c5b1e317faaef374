import { useMemo, useState } from "preact/hooks";
import { Cut, Tabs, Toasts } from "../kit";
import type { LibraryData, PlaceData } from "../protocol";
import type { Actions, ModelsLink } from "./actions";
import { Chat } from "./Chat";
import { Details } from "./Details";
import { Dialogs } from "./Dialogs";
import { names } from "./finding";
import { emptyForm, formFrom } from "./form";
import { Installed } from "./Installed";
import { Jobs } from "./Jobs";
import { Library } from "./Library";
import { Make, type Making } from "./Make";
import type { Asked, Doing } from "./menu";
import { Pull } from "./Pull";
import { emptyQuantize, suggestion } from "./quantizing";
import { Running } from "./Running";
import type { ModelsModel } from "./reducer";

interface Props {
  model: ModelsModel;
  can: Actions;
  link: ModelsLink;
  now: number;
  /** How many toasts there are: the view is rendered when that changes. */
  toasts: number;
}

const SEGMENTS = ["installed", "running", "library", "create"] as const;
const TITLES = {
  installed: "Installed",
  running: "Running",
  library: "Library",
  create: "Create",
};

/** The life of local models: what is installed, what runs, and what is under way. */
export function Models({ model, can, link, now }: Props) {
  const { models, place, chat } = model;
  const [open, setOpen] = useState<string | null>(null);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [visited, setVisited] = useState<readonly string[]>([]);
  const [library, setLibrary] = useState<LibraryData | null>(null);
  const known = useMemo(() => names(library?.models ?? []), [library]);
  const [making, setMaking] = useState<Making>("create");
  const [form, setForm] = useState(emptyForm);
  const [quantize, setQuantize] = useState(emptyQuantize);
  const disabled = model.lost || model.heard === false;
  const go = (segment: string) => {
    setVisited([...new Set([...visited, place.segment, segment])]);
    can.place({ segment: segment as PlaceData["segment"] });
  };
  const doing: Doing = {
    can,
    disabled,
    ask: setAsked,
    open: setOpen,
    createFrom: (row) => {
      setForm(formFrom(form, row));
      setMaking("create");
      go("create");
    },
    quantize: ({ id }) => {
      const next = { ...emptyQuantize, source: id };
      setQuantize({ ...next, target: suggestion(next) });
      setMaking("quantize");
      go("create");
    },
  };
  const shown = models.find(({ id }) => id === open);
  const counts = {
    installed: models.length,
    running:
      place.segment === "running" && model.running
        ? model.running.models.length
        : models.filter(({ loaded }) => loaded).length,
  };
  const panels = {
    installed: () => (
      <div class={shown ? "pl-drawer-host pl-models-host" : "pl-drawer-host"}>
        <Installed {...{ model, doing, now, open, selected }} onSelect={setSelected} />
        <Details
          model={model}
          row={shown}
          doing={doing}
          onClose={() => setOpen(null)}
        />
      </div>
    ),
    running: () => <Running {...{ model, can, now, disabled }} />,
    library: () => (
      <Library {...{ model, can, now, disabled, library }} onRead={setLibrary} />
    ),
    create: () => (
      <Make
        {...{ model, can, disabled, making, form, quantize }}
        onMake={setMaking}
        onForm={setForm}
        onQuantize={setQuantize}
      />
    ),
  };
  return (
    <section class="pl-view pl-models" aria-label="Local models">
      <Cut
        lost={model.lost}
        heard={model.heard}
        afterwards="This is what it last knew. %parllama models --view opens a new one."
        meanwhile="What goes on is shown meanwhile."
      />
      <Pull {...{ model, can, disabled, known }} />
      <Jobs {...{ model, can, disabled }} />
      <Tabs
        label="Local models"
        tabs={SEGMENTS.map((name) => ({
          name,
          label: TITLES[name],
          ...(name in counts &&
            model.ready && { count: counts[name as keyof typeof counts] }),
        }))}
        current={place.segment}
        onOpen={go}
        kept={visited}
      >
        {(name) => panels[name as keyof typeof panels]()}
      </Tabs>
      {chat && <Chat chat={chat} link={link} onClose={can.closeChat} />}
      <Dialogs
        {...{ model, can, asked }}
        ask={setAsked}
        onClose={() => setAsked(null)}
        onDeleted={(ids) => {
          setSelected(new Set([...selected].filter((id) => !ids.includes(id))));
          if (open !== null && ids.includes(open)) setOpen(null);
        }}
      />
      <Toasts toaster={can.toaster} />
    </section>
  );
}
