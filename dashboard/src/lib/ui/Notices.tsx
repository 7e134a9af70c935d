import { dismiss, useNotices } from "../notices";
import { Button } from "./Button";

/** Messages at the edge of the page; read out as they come. */
export function Notices() {
  const notices = useNotices();
  return (
    <div className="notices" role="region" aria-label="Messages" aria-live="polite">
      {notices.map((notice) => (
        <div key={notice.id} className={`notice ${notice.tone}`}>
          <div>
            <strong>{notice.title}</strong>
            {notice.text && <p>{notice.text}</p>}
          </div>
          <Button kind="quiet" small onPress={() => dismiss(notice.id)} aria-label="Dismiss message">
            <span aria-hidden="true">✕</span>
          </Button>
        </div>
      ))}
    </div>
  );
}
