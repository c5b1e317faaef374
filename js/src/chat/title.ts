/** A notebook's conversation is called by its path, of which the end says enough. */
export const titleOf = (name: string) =>
  name.endsWith(".ipynb") ? (name.split("/").at(-1) ?? name) : name;
