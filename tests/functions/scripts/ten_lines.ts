import { createClient } from "@supabase/supabase-js";

const [url, key, email, password] = Deno.args as [string, string, string, string];
const supabase = createClient(url, key);
await supabase.auth.signInWithPassword({ email, password });
const { data: round } = await supabase.from("allocation_runs").select("id").limit(1).single();
const changes = { event: "*", schema: "public", table: "allocation_planner_runs" } as const;
supabase.channel("runs").on<{ status: string }>("postgres_changes", changes, ({ new: run }) => {
  console.log("status" in run ? run.status : "gone");
  if ("status" in run && run.status === "COMPLETED") Deno.exit();
}).subscribe((state) => {
  const body = { allocation_run: round?.id, n_job_lines: 3 };
  if (state === "SUBSCRIBED") supabase.functions.invoke("planner-orchestration", { body });
});
