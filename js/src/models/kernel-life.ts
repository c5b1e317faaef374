// Whether the kernel that made a widget is still there.
import { onAbort } from "../bridge";
import type { Model } from "../model";

interface Changed {
  oldValue: unknown;
}

type OnChanged = (sender: unknown, change: Changed) => void;

/** The parts of JupyterLab's widget manager that tell of kernels. */
interface Manager {
  context?: {
    sessionContext?: {
      kernelChanged?: {
        connect(slot: OnChanged): unknown;
        disconnect(slot: OnChanged): unknown;
      };
    };
  };
}

/**
 * Calls `lost` when the widget's kernel may have ended: it restarts, or in JupyterLab the
 * notebook has another one, or none. Until `signal` ends it.
 */
export function watchKernel(model: Model, lost: () => void, signal: AbortSignal): void {
  model.on("comm_live_update", lost);
  const manager = model.widget_manager as Manager | undefined;
  const changes = manager?.context?.sessionContext?.kernelChanged;
  const onChanged: OnChanged = (_, { oldValue }) => {
    if (oldValue) lost();
  };
  changes?.connect(onChanged);
  onAbort(signal, () => {
    model.off("comm_live_update", lost);
    changes?.disconnect(onChanged);
  });
}
