import { Button } from "./Button";

interface Props {
  message: string;
  hint?: string | null | undefined;
  action?: { label: string; onAction: () => void };
}

/** What went wrong, what to do about it, and a button that does it. */
export function Banner({ message, hint, action }: Props) {
  return (
    <div class="pl-error" role="alert">
      <div class="pl-error-message">{message}</div>
      {hint && <div class="pl-error-hint">{hint}</div>}
      {action && <Button onClick={action.onAction}>{action.label}</Button>}
    </div>
  );
}
