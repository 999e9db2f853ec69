/** A candidate on one case: asked for its results first, then for its time, turn by turn. */
import type { Candidate } from "./candidate.ts";
import type { Host } from "./host.ts";
import type { Hosts } from "./hosts.ts";
import type { Arrays, ProblemName } from "./problem.ts";
import { readArrays } from "./serve.ts";
import { inFolder } from "./temporary.ts";

export interface Runner {
  /** Reads the inputs; throws `Absent` when the candidate cannot be had, and anything else when it fails. */
  prepare(problem: ProblemName, folder: string): Promise<void>;
  results(): Promise<Arrays>;
  /** Seconds of so many calls together. */
  time(calls: number): Promise<number>;
  drop(): Promise<void>;
}

/** Runs a candidate in its process. */
export class HostedRunner implements Runner {
  readonly #candidate: Candidate;
  readonly #hosts: Hosts;
  #host: Host | undefined;
  #id = "";

  constructor(candidate: Candidate, hosts: Hosts) {
    this.#candidate = candidate;
    this.#hosts = hosts;
  }

  async prepare(problem: ProblemName, folder: string): Promise<void> {
    this.#host = this.#hosts.named(this.#candidate.host);
    this.#id = this.#host.next();
    await this.#host.ask("prepare", this.#id, problem, folder, this.#candidate.asked);
  }

  async results(): Promise<Arrays> {
    return inFolder(async (folder) => {
      await this.#host!.ask("results", this.#id, folder);
      return readArrays(folder);
    });
  }

  async time(calls: number): Promise<number> {
    return Number(await this.#host!.ask("time", this.#id, String(calls)));
  }

  async drop(): Promise<void> {
    await this.#host?.ask("drop", this.#id);
  }
}
