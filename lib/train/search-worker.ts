/** A thread of a search: runs one job after another and sends back what came out. */
import { parentPort, workerData } from "node:worker_threads";
import { runJob, type Job, type Task } from "./search.ts";

// The thread is started by search.ts, which gives it the task.
const task = workerData as Task;

parentPort!.on("message", (job: Job) => parentPort!.postMessage(runJob(task, job), []));
