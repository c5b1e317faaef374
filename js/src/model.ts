/** What the front end uses of a widget's model, as anywidget hands it over. */
export interface Model {
  get(name: string): unknown;
  on(name: string, callback: (...args: never[]) => void): void;
  off(name: string, callback: (...args: never[]) => void): void;
  send(content: unknown): void;
  /** The front end's own, which knows the models of other widgets. */
  widget_manager?: WidgetManager;
}

/** What is used of the widget manager of ipywidgets. */
export interface WidgetManager {
  get_model(id: string): Promise<unknown>;
  create_view(model: unknown): Promise<{ el: HTMLElement; remove(): void }>;
}
