/** Launching: start one container (or whatever stands for it) that answers one planner run. */

/** A launch that was taken. */
export interface Launched {
  /** The platform's own name of the execution, for the logs. */
  execution: string;
}

/** Starts `planner run <run>` somewhere. Raises `LaunchFailed`, and nothing else. */
export interface Launcher {
  launch(run: string): Promise<Launched>;
}

/** Why a launch failed; `reason` is a machine code, the message is for the log, without secrets. */
export class LaunchFailed extends Error {
  constructor(readonly reason: string, message: string) {
    super(message);
    this.name = "LaunchFailed";
  }
}

/** The arguments of the container: the same whoever launches it. */
export function runnerArguments(run: string): string[] {
  return ["run", run];
}
