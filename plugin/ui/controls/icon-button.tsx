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
  /** Id of the popover that it opens. */
  readonly opens?: string;
  /** Beside the class of all such buttons. */
  readonly class?: string;
  readonly onClick?: () => void;
}

/** A square button that shows an icon and says its name. */
export function IconButton({ icon, label, hint, shortcut, isPressed, ...button }: IconButtonProps) {
  return (
    <button
      type="button"
      class={["icon-button", button.class].filter(Boolean).join(" ")}
      aria-label={label}
      title={[label, shortcut && ` (${shortcut.replace("Control", "Ctrl")})`, hint && `. ${hint}`]
        .filter(Boolean)
        .join("")}
      aria-keyshortcuts={shortcut}
      aria-pressed={isPressed}
      disabled={button.disabled}
      popovertarget={button.opens}
      onClick={button.onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
