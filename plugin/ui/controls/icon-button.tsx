import { Icon, type IconName } from "./icon.tsx";

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  /** As `aria-keyshortcuts` writes it; shown in the tooltip. */
  readonly shortcut?: string;
  readonly isPressed?: boolean;
  readonly disabled?: boolean;
  readonly onClick: () => void;
}

/** A square button that shows an icon and says its name. */
export function IconButton({ icon, label, shortcut, isPressed, disabled, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={label}
      title={shortcut === undefined ? label : `${label} (${shortcut.replace("Control", "Ctrl")})`}
      aria-keyshortcuts={shortcut}
      aria-pressed={isPressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
