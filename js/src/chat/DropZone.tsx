// Files that are dragged onto the chat.
import { useState } from "preact/hooks";
import { Icon } from "../ui/icons";

const hasFiles = (event: DragEvent) =>
  event.dataTransfer?.types.includes("Files") ?? false;

export interface Dropping {
  over: boolean;
  events: {
    onDragEnter: (event: DragEvent) => void;
    onDragOver: (event: DragEvent) => void;
    onDragLeave: (event: DragEvent) => void;
    onDrop: (event: DragEvent) => void;
  };
}

/** Listens to files that are dragged over an element. JupyterLab gets none of it. */
export function useDrop(onFiles: (files: readonly File[]) => void): Dropping {
  const [over, setOver] = useState(false);
  const take = (event: DragEvent) => {
    event.preventDefault();
    event.stopPropagation();
  };
  return {
    over,
    events: {
      onDragEnter(event) {
        if (!hasFiles(event)) return;
        take(event);
        setOver(true);
      },
      onDragOver(event) {
        if (!hasFiles(event)) return;
        take(event);
        if (event.dataTransfer) event.dataTransfer.dropEffect = "copy";
      },
      onDragLeave(event) {
        const { currentTarget, relatedTarget } = event;
        const inside =
          relatedTarget instanceof Node &&
          (currentTarget as HTMLElement).contains(relatedTarget);
        if (!inside) setOver(false);
      },
      onDrop(event) {
        setOver(false);
        if (!hasFiles(event)) return;
        take(event);
        onFiles([...(event.dataTransfer?.files ?? [])]);
      },
    },
  };
}

/** What is shown while files are over the chat. */
export function DropSign() {
  return (
    <div class="pl-drop" aria-hidden="true">
      <Icon name="attach" />
      <span>Drop to attach</span>
    </div>
  );
}
