import { Dots, Problem, Tabs } from "../kit";
import { Child, type Mount } from "./Child";
import type { PanelModel } from "./reducer";

interface Props {
  panel: PanelModel;
  current: string | undefined;
  onChoose: (tab: string) => void;
  onRetry: (tab: string) => void;
  onLost: (tab: string, error: Error) => void;
  mount: Mount;
}

function Opening({ heard }: Pick<PanelModel, "heard">) {
  return (
    <div class="pl-opening" role="status">
      <Dots />
      {heard === false ? "Opens when the running cell ends." : "Opening…"}
    </div>
  );
}

/** The tabs. Opened ones stay mounted, so that they lose nothing. */
export function Panel({ panel, current, onChoose, onRetry, onLost, mount }: Props) {
  const { tabs, opened, heard } = panel;
  const content = (tab: string) => {
    const its = opened[tab];
    if (its?.state === "open") {
      const lost = (error: Error) => onLost(tab, error);
      return <Child key={its.id} id={its.id} mount={mount} onLost={lost} />;
    }
    if (its?.state === "failed") {
      const action = { label: "Try again", onClick: () => onRetry(tab) };
      return <Problem error={its.error} action={action} />;
    }
    return <Opening heard={heard} />;
  };
  return (
    <section class="pl-view pl-panel" aria-label="Control panel">
      {current ? (
        <Tabs
          label="Control panel"
          tabs={tabs.map(({ name, title }) => ({ name, label: title }))}
          current={current}
          onOpen={onChoose}
          kept={Object.keys(opened)}
        >
          {content}
        </Tabs>
      ) : (
        <Opening heard={heard} />
      )}
    </section>
  );
}
