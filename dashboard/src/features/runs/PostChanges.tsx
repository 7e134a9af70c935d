import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { dateTime } from "../../lib/calendar";
import { notify } from "../../lib/notices";
import { reread } from "../../lib/reread";
import { keys } from "../../lib/round";
import { sentence } from "../../lib/supabase";
import { Button } from "../../lib/ui/Button";
import { TextField } from "../../lib/ui/Field";
import { Confirm } from "../../lib/ui/Overlay";
import { Badge } from "../../lib/ui/States";
import { applyChange, approversText, postChangesKey, postChangesQuery, postText, type ProposedChange, undoChange, withdrawChange } from "./postChanges";

/** Changes of posts that wait for approval, and those made with it; nothing where there are none. */
export function PostChanges({ round, mayPlan }: { round: string; mayPlan: boolean }) {
  const found = useQuery(postChangesQuery(round)).data ?? [];
  const [approving, setApproving] = useState<ProposedChange | null>(null);
  const act = useDecision(round);
  if (found.length === 0) return null;
  return (
    <section className="panel post-changes" aria-labelledby="post-changes-title">
      <h2 id="post-changes-title">Changes of posts</h2>
      <p className="quiet">Funded and accredited posts are not yours to give: each change waits for who must approve it.</p>
      <ol className="plain-list">
        {found.map((change) => (
          <li key={change.id}>
            <div className="row">
              <Badge tone={change.state === "WAITING" ? "warn" : "good"}>{change.state === "WAITING" ? "Waits for approval" : "Made"}</Badge>
              <span className="quiet">Proposed {dateTime(change.asked_at)}</span>
            </div>
            <ul>
              {change.changes.map((one) => (
                <li key={postText(one)}>{postText(one)}</li>
              ))}
            </ul>
            <p className="quiet">
              {change.state === "WAITING"
                ? `To be approved by ${approversText(change.approvers)}.`
                : `Approved by ${change.approved_by ?? ""}${change.reference ? `, ${change.reference}` : ""}.`}
            </p>
            {mayPlan && (
              <div className="row">
                {change.state === "WAITING" && (
                  <>
                    <Button small kind="primary" onPress={() => setApproving(change)}>
                      It is approved…
                    </Button>
                    <Button small onPress={() => act.mutate({ change, decide: () => withdrawChange(change.id), said: "The change was withdrawn" })}>
                      Withdraw
                    </Button>
                  </>
                )}
                {change.state === "APPLIED" && (
                  <Button small onPress={() => act.mutate({ change, decide: () => undoChange(change.id), said: "The posts are as they were before" })}>
                    Undo
                  </Button>
                )}
              </div>
            )}
          </li>
        ))}
      </ol>
      {approving && <Approve round={round} change={approving} onClose={() => setApproving(null)} />}
    </section>
  );
}

interface Decision {
  readonly change: ProposedChange;
  readonly decide: () => Promise<void>;
  readonly said: string;
}

/** Decide about a change, and read again what it touches. */
function useDecision(round: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ decide }: Decision) => decide(),
    onSuccess: (_, { said }) => notify("good", said),
    onError: (error) => notify("bad", "The posts were not changed", sentence(error)),
    onSettled: async () => {
      await reread(client, postChangesKey(round));
      await reread(client, keys.round(round));
    },
  });
}

/** Asks who approved: nobody accredits posts by a click. */
function Approve({ round, change, onClose }: { round: string; change: ProposedChange; onClose: () => void }) {
  const [by, setBy] = useState("");
  const [reference, setReference] = useState("");
  const act = useDecision(round);
  const named = by.trim().length >= 3;
  return (
    <Confirm
      title="Who approved this change?"
      action="Change the posts"
      busy={act.isPending}
      ready={named}
      onConfirm={() =>
        act.mutate({ change, decide: () => applyChange(change.id, by, reference), said: "The posts were changed" }, { onSettled: onClose })
      }
      onClose={onClose}
    >
      <ul>
        {change.changes.map((one) => (
          <li key={postText(one)}>{postText(one)}</li>
        ))}
      </ul>
      <TextField label={`Approved by (${approversText(change.approvers)})`} value={by} onChange={setBy} hint="Name and office" />
      <TextField label="Reference" value={reference} onChange={setReference} hint="Letter, file number or e-mail; may stay empty" />
    </Confirm>
  );
}
