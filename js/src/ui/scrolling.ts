/** Attributes that let the keyboard scroll an element. */
export const scrolling = (label: string) => ({
  tabIndex: 0,
  role: "group" as const,
  "aria-label": label,
});
