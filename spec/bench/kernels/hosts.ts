/** The processes that candidates live in: how each is started, or what must be set or installed for it. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { HostName } from "./candidate.ts";
import { builds, compileNative, type Build } from "./compile-native.ts";
import { Absent, Host, type Program } from "./host.ts";

const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

const beside = (file: string): string => fileURLToPath(new URL(file, import.meta.url));

const javascript = (file: string, flags: readonly string[] = []): Program => ({
  command: process.execPath,
  argv: [...flags, "--import", tsx, beside(file)],
});

function python(threads: number): Program {
  const command = process.env["DSCORE_PYTHON"];
  if (command === undefined)
    throw new Absent("set DSCORE_PYTHON to a Python that has NumPy, and perhaps torch and jax");
  const count = String(threads);
  return {
    command,
    argv: [beside("frameworks.py")],
    environment: {
      OMP_NUM_THREADS: count,
      OPENBLAS_NUM_THREADS: count,
      MKL_NUM_THREADS: count,
      NPROC: count, // the size of XLA's pools
      XLA_FLAGS: threads === 1 ? "--xla_cpu_multi_thread_eigen=false" : "",
    },
  };
}

function peers(): Program {
  const folder = process.env["DSCORE_PEERS"];
  if (folder === undefined || !existsSync(folder))
    throw new Absent(
      "set DSCORE_PEERS to a folder in which was run: npm init -y && npm i @tensorflow/tfjs @tensorflow/tfjs-backend-cpu @tensorflow/tfjs-backend-wasm @jax-js/jax",
    );
  return javascript("serve-peers.ts");
}

const native = (build: Build): Program => ({ command: compileNative(build), argv: [] });

const programs: Readonly<Record<HostName, () => Program>> = {
  ours: () => javascript("serve-ours.ts"),
  "ours relaxed": () => javascript("serve-ours.ts", ["--experimental-wasm-relaxed-simd"]),
  "tfjs cpu": peers,
  "tfjs wasm": peers,
  "jax-js": peers,
  // A library a process: one that imports PyTorch, too, gives NumPy memory without page faults, and 0.6 of its time.
  numpy: () => python(1),
  "numpy all": () => python(availableParallelism()),
  pytorch: () => python(1),
  "pytorch all": () => python(availableParallelism()),
  jax: () => python(1),
  "jax all": () => python(availableParallelism()),
  "c sse2": () => native(builds.sse2),
  "c avx2": () => native(builds.avx2),
  "c native": () => native(builds.native),
};

/** Hosts by name, each started when it is first asked. */
export class Hosts {
  readonly #known = new Map<HostName, Host | Absent>();

  /** Throws `Absent` with what must be set or installed. */
  named(name: HostName): Host {
    const known = this.#known.get(name) ?? this.#find(name);
    if (known instanceof Absent) throw known;
    return known;
  }

  stop(): void {
    for (const host of this.#known.values()) if (host instanceof Host) host.stop();
  }

  #find(name: HostName): Host | Absent {
    const found = this.#try(name);
    this.#known.set(name, found);
    return found;
  }

  #try(name: HostName): Host | Absent {
    try {
      return new Host(programs[name]());
    } catch (error) {
      if (error instanceof Absent) return error;
      throw error;
    }
  }
}
