/** A notebook's conversation is named by its path; the last part is shown. */
export const titleOf = (name: string) =>
  // A copy has a few words after it.
  /^(?:[^\n]*[/\\])?([^/\\\n]+\.ipynb(?: \([^/\\\n]*\))?(?: \d+)?)$/.exec(name)?.[1] ??
  name;
