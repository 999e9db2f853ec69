#!/usr/bin/env node
/** The command `dscore`. */
import { processIo } from "./io.ts";
import { run } from "./run.ts";

// A reader such as `head` may go away early: nobody is left to tell, so stop in silence.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });

// Not process.exit(): what was written must reach its reader first.
process.exitCode = await run(process.argv.slice(2), processIo());
