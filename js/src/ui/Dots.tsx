/** Three dots that breathe while one waits. */
export function Dots() {
  return (
    <span class="pl-dots" aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}
