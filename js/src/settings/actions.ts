// Changing a setting, in any view.
import { type Request, shown } from "../bridge";
import type { SetParams, ValueData, ViewRequests } from "../protocol";
import type { SetAct, Value } from "./reducer";

export interface Actions {
  /** Resolves to whether the kernel has accepted the value. */
  set: (key: string, value: Value) => Promise<boolean>;
  /** Forgets the error of a field that no longer holds the refused value. */
  forgive: (key: string) => void;
}

/** The requests of all views that change settings. */
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
