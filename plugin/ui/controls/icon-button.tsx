import { Icon, type IconName } from "./icon.tsx";

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  /** What it does, where the name does not say it; for the tooltip. */
  readonly hint?: string | undefined;
  /** As `aria-keyshortcuts` writes it; shown in the tooltip. */
  readonly shortcut?: string;
  readonly isPressed?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

/** A square button that shows an icon and says its name. */
export function IconButton({ icon, label, hint, shortcut, isPressed, disabled, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={[label, shortcut && ` (${shortcut.replace("Control", "Ctrl")})`, hint && `. ${hint}`]
        .filter(Boolean)
        .join("")}
      aria-keyshortcuts={shortcut}
      aria-pressed={isPressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
