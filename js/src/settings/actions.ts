// Changing a setting, in whichever view it stands.
import { type Request, shown } from "../bridge";
import type { SetParams, ValueData, ViewRequests } from "../protocol";
import type { SetAct, Value } from "./reducer";

export interface Actions {
  /** Gives whether the kernel has taken it. */
  set: (key: string, value: Value) => Promise<boolean>;
  /** What was refused is no longer what the field holds. */
  forgive: (key: string) => void;
}

/** What all views that set a value can ask. */
interface SetRequests extends ViewRequests {
  set: [SetParams, ValueData];
}

export const actions = (
  request: Request<SetRequests>,
  take: (act: SetAct) => void,
): Actions => ({
  async set(key, value) {
    try {
      const { result } = await request("set", { key, value });
      take({ event: "kept", data: { key, value: result.value ?? null } });
      return true;
    } catch (error) {
      take({ event: "refused", data: { key, error: shown(error as Error) } });
      return false;
    }
  },
  forgive: (key) => take({ event: "kept", data: { key } }),
});
