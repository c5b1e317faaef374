// The view of the prompt library.
import { signal as cell } from "@preact/signals-core";
import { kit } from "../kit";
import { watchKernel } from "../models/kernel-life";
import { mount } from "../ui/mount";
import { Toaster } from "../ui/Toasts";
import { actions, type PromptsLink } from "./actions";
import forms from "./forms.css";
import imports from "./imports.css";
import { summary } from "./offering";
import { Prompts } from "./Prompts";
import preview from "./preview.css";
import { initial, type PromptsModel, reduce } from "./reducer";
import style from "./style.css";

/** All views of a model share one state. */
export function attach(
  link: PromptsLink,
): (el: HTMLElement, signal: AbortSignal) => void {
  const prompts = cell<PromptsModel>(initial);
  const toaster = new Toaster();
  const take = (fact: Parameters<typeof reduce>[1]) => {
    const before = prompts.value;
    prompts.value = reduce(before, fact, Date.now() / 1000);
    const { revision, finding } = prompts.value;
    // Without rows of its own a snapshot asks for them.
    if (fact.event === "snapshot" && finding) can.changed();
    else if (fact.event === "prompts" && revision !== before.revision) can.changed();
    if (
      fact.event === "import" &&
      fact.data.stage === "done" &&
      before.importing.stage === "taking"
    ) {
      toaster.say(summary(fact.data));
      can.forgetImport();
    }
  };
  const can = actions(link, prompts, toaster, (act) => take(act));
  link.listen(take);
  const onLost = () => {
    take({ event: "lost", data: { lost: true } });
    link
      .request("snapshot")
      .then(() => take({ event: "lost", data: { lost: false } }))
      .catch(() => {});
  };
  const sheets = [kit, ["prompts", style + preview + forms + imports]] as const;
  return (el, signal) => {
    watchKernel(link.model, onLost, signal);
    mount(link, el, signal, sheets, () => (
      <Prompts
        model={prompts.value}
        can={can}
        link={link}
        toasts={toaster.shown.value.length}
      />
    ));
  };
}
