/** Three pulsing dots: something is running. Screen readers read the label, if any. */
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
