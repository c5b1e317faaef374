// The part of every view that has controls: the components, and their style.

import banner from "./ui/Banner.css";
import button from "./ui/Button.css";
import dialog from "./ui/Dialog.css";
import disclosure from "./ui/Disclosure.css";
import drawer from "./ui/Drawer.css";
import empty from "./ui/Empty.css";
import field from "./ui/Field.css";
import list from "./ui/List.css";
import menu from "./ui/Menu.css";
import meter from "./ui/Meter.css";
import progress from "./ui/Progress.css";
import popover from "./ui/popover.css";
import root from "./ui/root.css";
import select from "./ui/Select.css";
import switch_ from "./ui/Switch.css";
import type { Sheet } from "./ui/style";
import table from "./ui/Table.css";
import tabs from "./ui/Tabs.css";
import toasts from "./ui/Toasts.css";
import virtual from "./ui/Virtual.css";

/** In this order: rules for one component come after those for all. */
const first = root + button + field + switch_ + popover + menu + select + dialog;
const last = drawer + toasts + list + table + virtual + banner + progress + tabs;

/** For `mount`, by each view that uses the kit; such a view's root is a `.pl-view`. */
export const kit: Sheet = ["kit", first + last + empty + meter + disclosure];

export { canSeal, opener, sealed } from "./sealed";
export { AddKey, UnlockVault } from "./ui/AddKey";
export { Banner, Problem } from "./ui/Banner";
export { Button, IconButton } from "./ui/Button";
export { Cut } from "./ui/Cut";
export { Dialog } from "./ui/Dialog";
export { Disclosure } from "./ui/Disclosure";
export { Dots } from "./ui/Dots";
export { Drawer } from "./ui/Drawer";
export { Empty } from "./ui/Empty";
export { breakLine, insert, isTyping, undoes } from "./ui/editing";
export { Failed, isLocked } from "./ui/Failed";
export { Field, grow } from "./ui/Field";
export { pieces, places, rank, score } from "./ui/fuzzy";
export { ICONS, Icon, type IconName } from "./ui/icons";
export { type Lost, useKeptFocus } from "./ui/kept-focus";
export { List } from "./ui/List";
export { Menu, type MenuItem } from "./ui/Menu";
export { Meter, useStrength } from "./ui/Meter";
export { ModelSelect } from "./ui/ModelSelect";
export { agreed, NewPassword, NOT_TYPED, type Twice } from "./ui/NewPassword";
export { PasswordField } from "./ui/PasswordField";
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
export { useVault, type Vaults } from "./ui/use-vault";
export { as, type Place, Virtual } from "./ui/Virtual";
