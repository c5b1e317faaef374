// The part of every view that has controls: the components, and their style.
import controls from "./ui/controls.css";
import layers from "./ui/layers.css";
import lists from "./ui/lists.css";
import parts from "./ui/parts.css";
import type { Sheet } from "./ui/style";

/** To be given to `mount` by each view that uses the kit; its root is a `.pl-view`. */
export const kit: Sheet = ["kit", controls + layers + lists + parts];

export { Banner, Problem } from "./ui/Banner";
export { Button, IconButton } from "./ui/Button";
export { Dialog } from "./ui/Dialog";
export { Disclosure } from "./ui/Disclosure";
export { Dots } from "./ui/Dots";
export { Drawer } from "./ui/Drawer";
export { Empty } from "./ui/Empty";
export { breakLine, undoes } from "./ui/editing";
export { Field, grow } from "./ui/Field";
export { pieces, places, rank, score } from "./ui/fuzzy";
export { ICONS, Icon, type IconName } from "./ui/icons";
export { List } from "./ui/List";
export { Menu, type MenuItem } from "./ui/Menu";
export { ModelSelect } from "./ui/ModelSelect";
export { Bar, Progress } from "./ui/Progress";
export { usePopover } from "./ui/popover";
export { focusAt, move, turn, typed } from "./ui/roving";
export { Select } from "./ui/Select";
export { Switch } from "./ui/Switch";
export type { Option } from "./ui/selection";
export { type Order, type Sortable, sorted } from "./ui/sorting";
export { type Column, Table } from "./ui/Table";
export { type Tab, Tabs } from "./ui/Tabs";
export { type Toast, Toaster, Toasts } from "./ui/Toasts";
