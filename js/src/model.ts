/** The parts of a widget's model, as anywidget passes it, that are used here. */
export interface Model {
  get(name: string): unknown;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
  send(
    content: unknown,
    callbacks?: unknown,
    buffers?: ArrayBuffer[] | undefined,
  ): void;
  /** The front end's widget manager, which finds other widgets' models. */
  widget_manager?: WidgetManager;
}

/** The parts of ipywidgets' widget manager that are used here. */
export interface WidgetManager {
  get_model(id: string): Promise<unknown>;
  create_view(model: unknown): Promise<{ el: HTMLElement; remove(): void }>;
}
