/**
 * A child process in which candidates live.
 *
 * One request a line, words apart by tabs, one line of answer: the child reads the arrays of a
 * case once, then times itself call by call when it is asked to, so that candidates of several
 * processes can take turns. The same protocol is spoken by `serve.ts`, `frameworks.py` and `native.c`.
 *
 *   prepare ID PROBLEM FOLDER CANDIDATE   ok | absent REASON
 *   results ID FOLDER                     ok            value.npy and a file a gradient are written
 *   time ID CALLS                         seconds S     of all these calls together
 *   drop ID                               ok
 *
 * Any answer may be `failed REASON` instead.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createInterface } from "node:readline";

export interface Program {
  readonly command: string;
  readonly argv: readonly string[];
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** What a candidate cannot do here, in words for whoever runs the bench. */
export class Absent extends Error {}

const patience = 180_000;

export class Host {
  readonly #program: Program;
  #child: ChildProcessWithoutNullStreams | undefined;
  #answers: AsyncIterator<string> | undefined;
  #complaints = "";
  #used = 0;

  constructor(program: Program) {
    this.#program = program;
  }

  /** An id for a new candidate in this process. */
  next(): string {
    return String(this.#used++);
  }

  /** Sends a request and gives what stands after the answer's first word. Throws `Absent`, or what failed. */
  async ask(...words: readonly string[]): Promise<string> {
    const answers = this.#answers ?? this.#start();
    this.#child!.stdin.write(`${words.join("\t")}\n`);
    const answer = await this.#before(patience, answers.next());
    if (answer === undefined || answer.done === true) {
      this.stop();
      const why = answer === undefined ? `no answer in ${patience / 1000} s` : "the process ended";
      throw new Error(`${why}${this.#complaints && `: ${this.#complaints.trim().split("\n").at(-1)}`}`);
    }
    const [kind, ...rest] = answer.value.split("\t");
    if (kind === "absent") throw new Absent(rest.join(" "));
    if (kind === "failed") throw new Error(rest.join(" "));
    return rest.join("\t");
  }

  stop(): void {
    this.#child?.kill();
    this.#child = this.#answers = undefined;
  }

  #start(): AsyncIterator<string> {
    const { command, argv, environment } = this.#program;
    const child = spawn(command, argv, { env: { ...process.env, ...environment } });
    this.#complaints = "";
    child.stderr.on("data", (text) => (this.#complaints = (this.#complaints + String(text)).slice(-4000)));
    child.on("error", (error) => (this.#complaints += error.message));
    child.stdin.on("error", () => {}); // the answer that does not come says it
    this.#child = child;
    return (this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]());
  }

  async #before<T>(milliseconds: number, answer: Promise<T>): Promise<T | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), milliseconds);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
