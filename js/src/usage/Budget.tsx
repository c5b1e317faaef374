import { Bar, Disclosure } from "../kit";
import type { BudgetData } from "../protocol";
import type { Actions } from "../settings/actions";
import { Setting } from "../settings/Setting";
import { dollars } from "../ui/amounts";
import { limit, type UsageModel } from "./reducer";

interface Props extends Actions, Pick<UsageModel, "errors"> {
  budget: BudgetData;
}

/** What the month has cost against what it may, in words. */
export function budgetWords(budget: BudgetData): { state: string; note: string } {
  const [warn, stop] = [limit(budget, "budget.warn"), limit(budget, "budget.stop")];
  if (stop !== null && budget.cost >= stop)
    return {
      state: "stopped",
      note: `The budget of ${dollars(stop)} is used up: models that cost something are not asked.`,
    };
  const stops = stop === null ? "" : `Stops at ${dollars(stop)}.`;
  if (warn !== null && budget.cost >= warn)
    return { state: "warned", note: `Above ${dollars(warn)}. ${stops}`.trim() };
  const warns = warn === null ? "" : `Warns at ${dollars(warn)}.`;
  const note = [warns, stops].filter(Boolean).join(" ");
  return { state: "", note: note || "No budget is set." };
}

/** This month's cost, its limits, and their fields. */
export function Budget({ budget, errors, set, forgive }: Props) {
  const { state, note } = budgetWords(budget);
  const most = limit(budget, "budget.stop") ?? limit(budget, "budget.warn");
  const part = most === null ? null : most > 0 ? budget.cost / most : 1;
  return (
    <div class={`pl-usage-budget ${state && `pl-usage-${state}`}`}>
      <div class="pl-usage-month">
        <span class="pl-usage-cost">{dollars(budget.cost)}</span>
        <span class="pl-quiet">in {budget.month}</span>
        <span class="pl-usage-note" role="status">
          {note}
        </span>
      </div>
      {part !== null && (
        <Bar
          label="This month's cost"
          part={Math.min(1, part)}
          text={`${dollars(budget.cost)} of ${dollars(most ?? 0)}`}
        />
      )}
      <Disclosure label="Change the budget" note="for all notebooks">
        {budget.settings.map((setting) => (
          <Setting
            key={setting.key}
            setting={setting}
            error={errors[setting.key]}
            set={set}
            forgive={forgive}
          />
        ))}
      </Disclosure>
    </div>
  );
}
