// All of the kit on one page, for tests and eyes: `window.showcase(el)`.
import { signal } from "@preact/signals-core";
import type { ComponentChildren } from "preact";
import {
  Banner,
  Button,
  type Column,
  Dialog,
  Disclosure,
  Dots,
  Drawer,
  Empty,
  Field,
  ICONS,
  Icon,
  IconButton,
  kit,
  List,
  Menu,
  type Option,
  Problem,
  Progress,
  Select,
  Switch,
  Table,
  Tabs,
  Toaster,
  Toasts,
} from "../../src/kit";
import type { Shown } from "../../src/saved-output";
import { mount } from "../../src/ui/mount";

const PROVIDERS = ["anthropic", "embedded", "groq", "ollama", "openai", "openrouter"];

const OPTIONS: Option[] = PROVIDERS.flatMap((group, at) =>
  Array.from({ length: 500 }, (_, n) => ({
    value: `${group}/${["haiku", "smollm2", "llama-3.3", "qwen3", "gpt-5", "glm"][at]}-${n}b`,
    description: n % 3 ? `${8 * (1 + (n % 16))}k · $${(n % 7) / 2}/M` : `${n}k`,
    group,
    disabled: n === 3,
  })),
);

interface Model {
  name: string;
  size: number;
  context: number | null;
  used: string;
}

const MODELS: Model[] = Array.from({ length: 250 }, (_, n) => ({
  name: `${["llama3.2", "qwen3", "gemma3", "phi4"][n % 4]}:${n + 1}b`,
  size: 1e9 * (1 + ((n * 7) % 13)),
  context: n % 5 === 4 ? null : 1024 * 2 ** (n % 6),
  used: n % 2 ? "yesterday" : "3 days ago",
}));

const COLUMNS: Column<Model>[] = [
  { key: "name", label: "Model", value: (row) => row.name, main: true },
  {
    key: "size",
    label: "Size",
    align: "end",
    value: (row) => row.size,
    cell: (row) => `${row.size / 1e9} GB`,
  },
  { key: "context", label: "Context", align: "end", value: (row) => row.context },
  { key: "used", label: "Last used", cell: (row) => row.used },
];

const state = signal({
  text: "A short name",
  area: "One line.",
  secret: "sk-not-a-key",
  number: "0.7",
  on: true,
  off: false,
  model: "ollama/qwen3-7b",
  free: "",
  few: "light",
  row: "qwen3:2b",
  rows: new Set(["qwen3:2b"]) as ReadonlySet<string>,
  tab: "chat",
  dialog: false,
  drawer: false,
  said: "",
});
const set = (more: Partial<typeof state.value>) => {
  state.value = { ...state.value, ...more };
};
const say = (said: string) => () => set({ said });

function Part({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <section aria-label={title} style={{ margin: "0 0 24px", minWidth: 0 }}>
      <h3 class="pl-label" style={{ margin: "0 0 8px" }}>
        {title}
      </h3>
      <div class="show-part">{children}</div>
    </section>
  );
}

const Row = ({ children }: { children: ComponentChildren }) => (
  <div style={{ display: "flex", flexWrap: "wrap", gap: "8px", alignItems: "center" }}>
    {children}
  </div>
);

const Stack = ({ children }: { children: ComponentChildren }) => (
  <div style={{ display: "grid", gap: "12px" }}>{children}</div>
);

function Buttons() {
  return (
    <Part title="Buttons">
      <Stack>
        <Row>
          <Button label="Pull" kind="primary" icon="download" onClick={say("pull")} />
          <Button label="Show" onClick={say("show")} />
          <Button label="Delete" kind="danger" icon="trash" onClick={say("delete")} />
          <Button label="Cancel" kind="quiet" onClick={say("cancel")} />
          <Button label="Off" disabled onClick={say("off")} />
          <Button label="Saving" busy onClick={say("busy")} />
          <Button label="Sending" kind="primary" busy onClick={say("busy")} />
        </Row>
        <Row>
          <Button label="Small" size="small" onClick={say("small")} />
          <Button label="Stop" size="small" icon="stop" onClick={say("stop")} />
          <IconButton label="Copy" icon="copy" onClick={say("copy")} />
          <IconButton label="Edit" icon="edit" pressed onClick={say("edit")} />
          <IconButton label="Locked" icon="lock" disabled onClick={say("lock")} />
          <Menu
            label="More"
            icon="more"
            items={[
              { label: "Rename", icon: "edit", onSelect: say("rename") },
              { label: "Export", icon: "upload", onSelect: say("export") },
              { label: "Share", disabled: true, onSelect: say("share") },
              {
                label: "Delete",
                icon: "trash",
                danger: true,
                apart: true,
                onSelect: say("delete"),
              },
            ]}
          />
          <Menu
            label="Session"
            items={[
              { label: "New", icon: "plus", onSelect: say("new") },
              { label: "Open…", onSelect: say("open") },
            ]}
          />
          <Dots label="Loading" />
        </Row>
        <Row>
          {ICONS.map((name) => (
            <Icon key={name} name={name} />
          ))}
        </Row>
      </Stack>
    </Part>
  );
}

function Fields() {
  const now = state.value;
  const bad = Number(now.number) > 2;
  return (
    <Part title="Fields">
      <Stack>
        <Field
          label="Name"
          value={now.text}
          hint="Shown in the list of sessions."
          onInput={(text) => set({ text })}
        />
        <Field
          label="Temperature"
          kind="number"
          value={now.number}
          min={0}
          max={2}
          step={0.1}
          error={bad ? "At most 2." : undefined}
          onInput={(number) => set({ number })}
        />
        <Field
          label="Key"
          kind="password"
          code
          value={now.secret}
          onInput={(secret) => set({ secret })}
        />
        <Field
          label="System prompt"
          kind="area"
          lines={[2, 6]}
          placeholder="You are…"
          value={now.area}
          onInput={(area) => set({ area })}
        />
        <Field
          label="Filter"
          kind="search"
          hideLabel
          placeholder="Filter models"
          value=""
          onInput={() => {}}
        />
        <Field label="Locked" disabled value="cannot be changed" onInput={() => {}} />
        <Switch
          label="Keep what is said"
          on={now.on}
          hint="In a database on this machine."
          onChange={(on) => set({ on })}
        />
        <Switch label="Highlight code" on={now.off} onChange={(off) => set({ off })} />
        <Switch label="Not yours to change" on disabled onChange={say("switched")} />
      </Stack>
    </Part>
  );
}

function Selects() {
  const now = state.value;
  return (
    <Part title="Selects">
      <Stack>
        <Select
          label="Model"
          options={OPTIONS}
          value={now.model}
          onSelect={(model) => set({ model })}
        />
        <Select
          label="Any model"
          hint="One of these, or any other as provider/model."
          placeholder="provider/model"
          free
          loading
          options={OPTIONS.slice(0, 20)}
          value={now.free}
          onSelect={(free) => set({ free })}
        />
        <Select
          label="Theme"
          options={[{ value: "light" }, { value: "dark" }, { value: "as Jupyter" }]}
          value={now.few}
          onSelect={(few) => set({ few })}
        />
      </Stack>
    </Part>
  );
}

function Words() {
  return (
    <Part title="Words">
      <Stack>
        <Banner message="Ollama 0.12 is there." onDismiss={say("dismissed")} />
        <Banner
          kind="warning"
          message="The list is from yesterday."
          hint="OpenRouter did not answer within 5 s."
          action={{ label: "Try again", onClick: say("again") }}
        />
        <Problem
          error={{
            code: "auth",
            message: "OpenAI refuses the key.",
            hint: "Set OPENAI_API_KEY and try again.",
          }}
          action={{ label: "Retry", onClick: say("retry") }}
          onDismiss={say("dismissed")}
        />
        <Row>
          <Button label="Say so" onClick={() => toaster.say("Copied.")} />
          <Button
            label="Say more"
            onClick={() =>
              toaster.say("Session deleted.", "info", {
                label: "Undo",
                onClick: say("undone"),
              })
            }
          />
          <Button
            label="Complain"
            onClick={() => toaster.say("It could not be saved.", "error")}
          />
        </Row>
      </Stack>
    </Part>
  );
}

function Waits() {
  const progress = { phase: "Downloading", done: 32e6, total: 90.2e6, unit: "bytes" };
  return (
    <Part title="Progress">
      <Stack>
        <Progress
          label="pull llama3.2:1b"
          progress={{ ...progress, rate: 5.4e6, eta: 11 } as never}
          onCancel={say("cancelled")}
        />
        <Progress
          label="use embedded/smollm2"
          progress={{ phase: "Verifying" } as never}
          note="12 s"
          onCancel={say("cancelled")}
          cancelling
        />
        <Progress label="import" progress={null} />
      </Stack>
    </Part>
  );
}

function Lists() {
  const now = state.value;
  return (
    <Part title="Lists">
      <Stack>
        <List
          label="Sessions"
          items={MODELS.slice(0, 4)}
          itemKey={({ name }) => name}
          itemLabel={({ name }) => name}
          selected={now.row}
          onSelect={({ name }) => set({ row: name })}
          actions={({ name }) => (
            <IconButton label={`Delete ${name}`} icon="trash" onClick={say(name)} />
          )}
        >
          {({ name, used }) => (
            <>
              <Icon name="chat" />
              <span>{name}</span>
              <span class="pl-quiet">{used}</span>
            </>
          )}
        </List>
        <div style={{ "--pl-table-height": "280px" }}>
          <Table
            label="Models"
            columns={COLUMNS}
            rows={MODELS}
            rowKey={({ name }) => name}
            selected={now.rows}
            onSelect={({ name }) => set({ rows: new Set([name]) })}
          />
        </div>
        <Table
          label="Nothing"
          columns={COLUMNS}
          rows={[]}
          rowKey={({ name }) => name}
          empty={
            <Empty title="No models yet" icon="cube">
              Pull one, or use the demo model that comes with the package.
              <br />
              <Button label="Use embedded/smollm2" onClick={say("demo")} />
            </Empty>
          }
        />
        <Disclosure label="Details" note="3 of 12 differ">
          What was folded away.
        </Disclosure>
      </Stack>
    </Part>
  );
}

function Rooms() {
  const now = state.value;
  return (
    <Part title="Rooms">
      <div class="pl-drawer-host" style={{ minHeight: "150px" }}>
        <Tabs
          label="Panel"
          tabs={[
            { name: "chat", label: "Chat", icon: "chat" },
            { name: "models", label: "Models", icon: "cube" },
            { name: "prompts", label: "Prompts", icon: "book" },
            { name: "jobs", label: "Jobs", icon: "clock", count: 2 },
            { name: "vault", label: "Vault", icon: "key" },
            { name: "settings", label: "Settings", icon: "settings" },
          ]}
          current={now.tab}
          onOpen={(tab) => set({ tab })}
        >
          {(name) => (
            <div style={{ padding: "12px 4px" }}>
              <p style={{ margin: "0 0 8px" }}>The room of {name}.</p>
              <Row>
                <Button label="Ask first" onClick={() => set({ dialog: true })} />
                <Button label="Options" onClick={() => set({ drawer: !now.drawer })} />
              </Row>
            </div>
          )}
        </Tabs>
        <Drawer
          title="Options"
          open={now.drawer}
          onClose={() => set({ drawer: false })}
        >
          <Field label="Seed" kind="number" value="" onInput={() => {}} />
        </Drawer>
      </div>
      <Dialog
        title="Delete this session?"
        open={now.dialog}
        onClose={() => set({ dialog: false })}
        actions={
          <>
            <Button label="Keep it" onClick={() => set({ dialog: false })} />
            <Button
              label="Delete it"
              kind="danger"
              onClick={() => set({ dialog: false, said: "deleted" })}
            />
          </>
        }
      >
        <p style={{ margin: 0 }}>Its 12 turns cannot be brought back.</p>
        <Field label="Its name, to be sure" value="" onInput={() => {}} />
      </Dialog>
    </Part>
  );
}

const toaster = new Toaster();

const STYLE = `.show-parts { columns: 2 420px; column-gap: 40px; padding: 12px 16px }
.show-parts > section { break-inside: avoid }`;

function All() {
  return (
    <div class="pl-view">
      <output class="pl-hidden" id="said">
        {state.value.said}
      </output>
      <div class="show-parts">
        <Rooms />
        <Buttons />
        <Words />
        <Waits />
        <Fields />
        <Selects />
        <Lists />
      </div>
      <Toasts toaster={toaster} />
    </div>
  );
}

const showcase = (el: HTMLElement) => {
  const nowhere = { model: {} } as Shown;
  const ending = new AbortController();
  mount(nowhere, el, ending.signal, [kit, ["showcase", STYLE]], () => <All />);
};

Object.assign(window, { showcase, toaster });
