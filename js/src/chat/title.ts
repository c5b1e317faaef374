/** A notebook's conversation is named by its path; the last part is shown. */
export const titleOf = (name: string) =>
  name.endsWith(".ipynb") ? (name.split("/").at(-1) ?? name) : name;
