/** Three dots that breathe: something is under way. With a label it says so aloud. */
export function Dots({ label }: { label?: string }) {
  return (
    <span class="pl-dots" {...(label ? { role: "status" } : { "aria-hidden": true })}>
      <i />
      <i />
      <i />
      {label && <span class="pl-hidden">{label}</span>}
    </span>
  );
}
