// Icons on a grid of 16 px, drawn in the colour of the text around them.
const LINES = {
  attach:
    "M12.75 7.5l-5 5a3.1 3.1 0 0 1-4.4-4.4l5.4-5.4a2.1 2.1 0 0 1 3 3l-5.3 5.2a1 1 0 0 1-1.5-1.4l4.8-4.8",
  book: "M3 2.75h7.5a2 2 0 0 1 2 2v8.5H5a2 2 0 0 1-2-2zM3 11.25a2 2 0 0 1 2-2h7.5",
  chat: "M2.75 3.25h10.5v7.5H7.5l-3 2.5v-2.5H2.75z",
  check: "M3 8.5 6.5 12 13 4.5",
  chevron: "M6 3.75 10.25 8 6 12.25",
  clock: "M8 2.25a5.75 5.75 0 1 1 0 11.5 5.75 5.75 0 0 1 0-11.5M8 5v3.25l2.25 1.5",
  close: "M4 4l8 8M12 4l-8 8",
  columns: "M2.75 3.25h10.5v9.5H2.75zM8 3.25v9.5",
  copy: "M5.75 5.75h7.5v7.5h-7.5zM10.25 5.5V2.75h-7.5v7.5H5.5",
  cube: "M8 1.9l5.25 3v6.2L8 14.1l-5.25-3V4.9zM2.9 5 8 7.9 13.1 5M8 7.9v6",
  download: "M8 2.5v8M4.75 7.5 8 10.75l3.25-3.25M2.75 13.25h10.5",
  edit: "M10.75 2.75l2.5 2.5-7.75 7.75-3 .5.5-3zM9 4.5 11.5 7",
  error: "M8 2.25a5.75 5.75 0 1 1 0 11.5 5.75 5.75 0 0 1 0-11.5M8 5v3.75M8 11v.1",
  eye: "M1.75 8S4 3.75 8 3.75 14.25 8 14.25 8 12 12.25 8 12.25 1.75 8 1.75 8M8 6.1a1.9 1.9 0 1 1 0 3.8 1.9 1.9 0 0 1 0-3.8",
  file: "M4 2.25h5.25L12.5 5.5v8.25H4zM9 2.5v3.25h3.25",
  folder: "M2.25 3.75H6.5L8 5.5h5.75v7.25H2.25z",
  hidden:
    "M2.5 2.5l11 11M6.2 4A6 6 0 0 1 8 3.75c4 0 6.25 4.25 6.25 4.25a11 11 0 0 1-1.9 2.4M4 5.2A11 11 0 0 0 1.75 8S4 12.25 8 12.25a6 6 0 0 0 2.7-.65",
  image:
    "M2.75 3.25h10.5v9.5H2.75zM3 11.25l3.25-3.5 2.5 2.5 1.75-1.75 2.5 2.5M10.5 5.75v.1",
  info: "M8 2.25a5.75 5.75 0 1 1 0 11.5 5.75 5.75 0 0 1 0-11.5M8 7.25V11M8 5v.1",
  key: "M5.5 7.25a3.1 3.1 0 1 1 0 6.2 3.1 3.1 0 0 1 0-6.2M7.75 8.1l5.5-5.35M10.75 5.25l1.75 1.75",
  list: "M5.75 4h8M5.75 8h8M5.75 12h8M2.5 4h.1M2.5 8h.1M2.5 12h.1",
  lock: "M3.75 7.25h8.5v6h-8.5zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  plus: "M8 3v10M3 8h10",
  retry: "M13 8a5 5 0 1 1-1.6-3.65M13.25 2.5v3h-3",
  search: "M7 2.75a4.25 4.25 0 1 1 0 8.5 4.25 4.25 0 0 1 0-8.5M10.25 10.25l3.25 3.25",
  send: "M8 13.25V3.25M3.75 7.25 8 3l4.25 4.25",
  settings: "M2.5 4.75h6M12 4.75h1.5M2.5 11.25H4M7.5 11.25h6M10.25 3v3.5M5.75 9.5V13",
  sorted: "M8 12.75v-9M4.75 6.75 8 3.5l3.25 3.25",
  star: "M8 2.2l1.75 3.7 4.05.5-3 2.8.8 4L8 11.2l-3.6 2 .8-4-3-2.8 4.05-.5z",
  tag: "M2.75 2.75h5L13.5 8.5l-5 5-5.75-5.75zM5.5 5.5h.1",
  trash:
    "M2.75 4.25h10.5M6 4V2.5h4V4M4.25 4.5l.6 8.75h6.3l.6-8.75M6.75 7v3.75M9.25 7v3.75",
  undo: "M5.75 3.25 2.75 6.25l3 3M3 6.25h6.75a3.4 3.4 0 0 1 0 6.8H6",
  unlock: "M3.75 7.25h8.5v6h-8.5zM5.5 7V5a2.5 2.5 0 0 1 4.75-1",
  upload: "M8 10.75v-8M4.75 5.75 8 2.5l3.25 3.25M2.75 13.25h10.5",
  warning: "M8 2.5 14 13.25H2zM8 6.5v3M8 11.4v.1",
} as const;

const DOT = "a1.2 1.2 0 1 0 2.4 0a1.2 1.2 0 1 0-2.4 0";

const SHAPES = {
  more: `M2.3 8${DOT}M6.8 8${DOT}M11.3 8${DOT}`,
  play: "M5 3.2v9.6L12.5 8z",
  starred: "M8 1.8l1.9 3.9 4.3.6-3.1 3 .8 4.3L8 11.5l-3.9 2.1.8-4.3-3.1-3 4.3-.6z",
  stop: "M4.5 4h7a.5.5 0 0 1 .5.5v7a.5.5 0 0 1-.5.5h-7a.5.5 0 0 1-.5-.5v-7a.5.5 0 0 1 .5-.5z",
} as const;

export type IconName = keyof typeof LINES | keyof typeof SHAPES;

export const ICONS = [...Object.keys(LINES), ...Object.keys(SHAPES)] as IconName[];

/** Decoration only: its control has the accessible name. */
export function Icon({ name, class: also }: { name: IconName; class?: string }) {
  return (
    <svg
      class={also ? `pl-icon ${also}` : "pl-icon"}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      aria-hidden="true"
      focusable="false"
    >
      {name in SHAPES ? (
        <path d={SHAPES[name as keyof typeof SHAPES]} fill="currentColor" />
      ) : (
        <path
          d={LINES[name as keyof typeof LINES]}
          fill="none"
          stroke="currentColor"
          stroke-width="1.4"
          stroke-linecap="round"
          stroke-linejoin="round"
        />
      )}
    </svg>
  );
}
