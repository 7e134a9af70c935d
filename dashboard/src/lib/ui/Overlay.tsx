import type { ReactNode } from "react";
import { Dialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { Button } from "./Button";

interface OverlayProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A panel over the right edge of the page; Escape and a click beside it close it. */
export function Drawer({ title, onClose, children }: OverlayProps) {
  return (
    <ModalOverlay isOpen isDismissable onOpenChange={(open) => !open && onClose()} className="overlay">
      <Modal className="drawer">
        <Dialog className="dialog">
          <header className="dialog-head">
            <Heading slot="title">{title}</Heading>
            <Button kind="quiet" small onPress={onClose} aria-label="Close">
              <span aria-hidden="true">✕</span>
            </Button>
          </header>
          <div className="dialog-body">{children}</div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

interface ConfirmProps extends OverlayProps {
  readonly action: string;
  readonly kind?: "primary" | "danger";
  readonly busy?: boolean;
  /** False while something is still to be filled in. */
  readonly ready?: boolean;
  readonly onConfirm: () => void;
}

/** A question before something happens; nothing happens but by its button. */
export function Confirm({ title, onClose, children, action, kind = "primary", busy, ready = true, onConfirm }: ConfirmProps) {
  return (
    <ModalOverlay isOpen onOpenChange={(open) => !open && onClose()} className="overlay centred">
      <Modal className="confirm">
        <Dialog role="alertdialog" className="dialog">
          <Heading slot="title">{title}</Heading>
          <div className="dialog-body">{children}</div>
          <footer className="dialog-foot">
            <Button onPress={onClose}>Go back</Button>
            <Button kind={kind} onPress={onConfirm} isDisabled={busy === true || !ready}>
              {busy ? "One moment…" : action}
            </Button>
          </footer>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
