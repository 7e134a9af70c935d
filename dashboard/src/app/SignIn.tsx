import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { sentence, supabase } from "../lib/supabase";
import { Button } from "../lib/ui/Button";
import { TextField } from "../lib/ui/Field";

/** Email and password; `lost` says that a session ended by itself. */
export function SignIn({ lost }: { lost: boolean }) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: async () => {
      const { error } = await supabase().auth.signInWithPassword({ email: email.trim(), password });
      if (error) throw new Error(error.status === 400 ? "Email and password do not fit together." : "The server cannot be reached. Try again.");
    },
  });
  return (
    <main className="alone">
      <form
        className="panel sign-in"
        aria-label="Sign in"
        onSubmit={(event) => {
          event.preventDefault();
          if (!signIn.isPending) signIn.mutate();
        }}
      >
        <div className="brand">
          <span className="logo" aria-hidden="true" />
          <h1>Planner</h1>
        </div>
        <p className="quiet">Job lines for junior doctors: legal, fair, and explained.</p>
        {lost && (
          <p className="note warn" role="alert">
            Your session has ended. Sign in again: everything you typed is kept, and a run under way goes on.
          </p>
        )}
        <TextField label="Email" type="email" autoComplete="username" isRequired value={email} onChange={setEmail} />
        <TextField label="Password" type="password" autoComplete="current-password" isRequired value={password} onChange={setPassword} />
        <p className="error" role="alert">
          {signIn.isError && sentence(signIn.error)}
        </p>
        <Button kind="primary" type="submit" isDisabled={signIn.isPending || email === "" || password === ""}>
          {signIn.isPending ? "Signing in…" : "Sign in"}
        </Button>
      </form>
    </main>
  );
}
