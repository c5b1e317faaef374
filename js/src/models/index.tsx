// The view of local models.
import { signal as cell } from "@preact/signals-core";
import { onAbort } from "../bridge";
import { isRunning } from "../jobs/reducer";
import { kit } from "../kit";
import { mount } from "../ui/mount";
import { Toaster } from "../ui/Toasts";
import { actions, type ModelsLink } from "./actions";
import details from "./details.css";
import forms from "./forms.css";
import { watchKernel } from "./kernel-life";
import library from "./library.css";
import { Models } from "./Models";
import { initial, type ModelsModel, reduce } from "./reducer";
import style from "./style.css";

/** Milliseconds between two updates of times: while some count down, and else. */
const TICK = 1000;
const SELDOM = 60_000;

/** All views of a model share one state. */
export function attach(
  link: ModelsLink,
): (el: HTMLElement, signal: AbortSignal) => void {
  const models = cell<ModelsModel>(initial);
  const toaster = new Toaster();
  const take = (fact: Parameters<typeof reduce>[1]) => {
    const before = models.value;
    models.value = reduce(before, fact, performance.now(), Date.now() / 1000);
    if (fact.event !== "jobs") return;
    for (const { id, title, state } of models.value.jobs) {
      const was = before.jobs.find((job) => job.id === id);
      // One may be done before it was ever seen running.
      if ((!was || isRunning(was)) && state === "done") toaster.say(`Done: ${title}.`);
    }
  };
  link.listen(take);
  // A kernel that answers is there after all.
  const onLost = () => {
    take({ event: "lost", data: { lost: true } });
    link
      .request("snapshot")
      .then(() => take({ event: "lost", data: { lost: false } }))
      .catch(() => {});
  };
  const can = actions(link, models, toaster, take);

  const sheets = [kit, ["models", style + details + library + forms]] as const;
  return (el, signal) => {
    const now = cell(Date.now());
    const timer = setInterval(() => {
      const counting = models.value.place.segment === "running";
      if (counting || Date.now() - now.value >= SELDOM) now.value = Date.now();
    }, TICK);
    onAbort(signal, () => clearInterval(timer));
    watchKernel(link.model, onLost, signal);
    mount(link, el, signal, sheets, () => (
      <Models
        model={models.value}
        can={can}
        link={link}
        now={now.value / 1000 + models.value.ahead}
        toasts={toaster.shown.value.length}
      />
    ));
  };
}
