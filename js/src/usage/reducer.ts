// What the view of the ledger shows, as a function of the kernel's events.
import type { Reach } from "../connection";
import type {
  BudgetData,
  Failure,
  UsageData,
  UsageFact,
  UsageParams,
} from "../protocol";
import type { SetAct, Value } from "../settings/reducer";

export interface UsageModel {
  budget: BudgetData | null;
  /** The sums of `asked`, or of what was asked before, until the response comes. */
  usage: UsageData | null;
  asked: Required<UsageParams>;
  asking: boolean;
  problem: Failure | null;
  /** Errors of refused limits, by the setting's key. */
  errors: Readonly<Record<string, Failure>>;
  ready: boolean;
  /** Whether the kernel gets this page's messages; null while it is not known. */
  heard: boolean | null;
}

export const initial: UsageModel = {
  budget: null,
  usage: null,
  asked: { span: "month", by: "model" },
  asking: false,
  problem: null,
  errors: {},
  ready: false,
  heard: null,
};

/** What the user asks, and the kernel's responses. */
export type UsageAct =
  | SetAct
  | { event: "asking"; data: Required<UsageParams> }
  | { event: "summed"; data: { asked: UsageParams; usage: UsageData } }
  /** Without `asked` it was no sum that failed. */
  | { event: "failed"; data: { error: Failure; asked?: UsageParams } };

const isAsked = (now: UsageModel, { span, by }: UsageParams) =>
  span === now.asked.span && by === now.asked.by;

const without = (errors: UsageModel["errors"], key: string) =>
  Object.fromEntries(Object.entries(errors).filter(([each]) => each !== key));

function limited(budget: BudgetData, key: string, value: Value): BudgetData {
  const settings = budget.settings.map((setting) =>
    setting.key === key ? { ...setting, value } : setting,
  );
  return { ...budget, settings };
}

export function reduce(
  now: UsageModel,
  fact: UsageFact | Reach | UsageAct,
): UsageModel {
  switch (fact.event) {
    case "snapshot":
      return { ...now, ready: true, budget: fact.data.budget ?? now.budget };
    case "budget":
      return { ...now, budget: fact.data };
    case "reach":
      return { ...now, heard: fact.data.heard };
    case "asking":
      return { ...now, asked: fact.data, asking: true };
    case "summed": {
      const { asked, usage } = fact.data;
      // A response to what is no longer asked is out of date.
      if (!isAsked(now, asked)) return now;
      return { ...now, usage, asking: false, problem: null };
    }
    case "failed": {
      const { asked, error } = fact.data;
      if (!asked) return { ...now, problem: error };
      return isAsked(now, asked) ? { ...now, asking: false, problem: error } : now;
    }
    case "kept": {
      // Applied before the event that goes to all views, so that nothing flickers.
      const { key, value } = fact.data;
      const errors = without(now.errors, key);
      if (value === undefined || !now.budget) return { ...now, errors };
      return { ...now, errors, budget: limited(now.budget, key, value) };
    }
    case "refused": {
      const { key, error } = fact.data;
      return { ...now, errors: { ...now.errors, [key]: error } };
    }
    default:
      return now;
  }
}

/** The limit of a setting; null if it is not set. */
export function limit(budget: BudgetData, key: string): number | null {
  const found = budget.settings.find((setting) => setting.key === key)?.value;
  return typeof found === "number" ? found : null;
}
