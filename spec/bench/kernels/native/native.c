/*
 * Hand-written C, in a process that answers the protocol of host.ts, and the machine's own limits.
 *
 * VECTOR_BYTES says how wide a register is: 16, 32 or 64. Besides the protocol:
 *
 *   bandwidth ID BYTES      seconds S    for one read of so many bytes, again and again
 *   rate ID real|lanes f64|f32  flops F  multiply-adds a second, two flops each, in registers
 */
#include <math.h>
#include <time.h>
#include "npy.h"

#define ROWS 4
#define CLASSES (VECTOR_BYTES == 64 ? 4 : 2)

#define REAL double
#define SUFFIX f64
#define EXP exp
#include "kernels.h"
#undef REAL
#undef SUFFIX
#undef EXP
#define REAL float
#define SUFFIX f32
#define EXP expf
#include "kernels.h"

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

typedef struct {
  char problem[32];
  int single;
  void *state;
} Ready;

static Ready ready[4096];

static void run(const Ready *r) {
  if (r->single) run_f32(r->problem, r->state);
  else run_f64(r->problem, r->state);
}

/* Reads in all lanes. The best of several short turns: what else the machine does falls on some of them only. */
static double read_time(long bytes) {
  typedef long lanes __attribute__((vector_size(VECTOR_BYTES)));
  long count = bytes / (8 * VECTOR_BYTES) * 8, times = 1;
  if (count < 8) count = 8;
  lanes *memory = aligned_alloc(64, count * sizeof(lanes));
  memset(memory, 1, count * sizeof(lanes));
  double seconds = 0;
  for (int turn = 0; turn < 7 || seconds * times < 0.005; turn++) {
    lanes sum[8] = {0};
    if (turn > 0 && seconds * times < 0.005) times *= 2;
    double from = now();
    for (long t = 0; t < times; t++)
      for (long n = 0; n < count; n += 8) {
#pragma GCC unroll 8
        for (int u = 0; u < 8; u++) sum[u] ^= memory[n + u];
        __asm__ volatile("" : "+m"(memory[n]));
      }
    double once = (now() - from) / times;
    seconds = turn == 0 || once < seconds ? once : seconds;
    for (int u = 1; u < 8; u++) sum[0] ^= sum[u];
    __asm__ volatile("" : : "x"(sum[0]));
  }
  free(memory);
  return seconds * ((double)bytes / (count * sizeof(lanes)));
}

/* Twelve chains hide the latency of a multiply-add; the empty asm keeps each a register of its own. */
#define RATE(name, type, lanes, constraint)                                                  \
  static double name(void) {                                                                 \
    type sum[12], x = (type){0} + 1e-9f, y = (type){0} + 0.999f;                             \
    for (int u = 0; u < 12; u++) sum[u] = (type){0} + (float)u;                              \
    double best = 0;                                                                         \
    for (int turn = 0; turn < 50; turn++) {                                                  \
      long times = 200000;                                                                   \
      double from = now();                                                                   \
      for (long t = 0; t < times; t++) {                                                     \
        _Pragma("GCC unroll 12") for (int u = 0; u < 12; u++) {                              \
          sum[u] = sum[u] * y + x;                                                           \
          __asm__ volatile("" : "+" constraint(sum[u]));                                     \
        }                                                                                    \
      }                                                                                      \
      double rate = times * 24.0 * lanes / (now() - from);                                   \
      best = rate > best ? rate : best;                                                      \
    }                                                                                        \
    return best;                                                                             \
  }

typedef double f64_lanes __attribute__((vector_size(VECTOR_BYTES)));
typedef float f32_lanes __attribute__((vector_size(VECTOR_BYTES)));
#if VECTOR_BYTES == 64
#define REGISTER "v"
#else
#define REGISTER "x"
#endif
RATE(rate_real_f64, double, 1, "x")
RATE(rate_real_f32, float, 1, "x")
RATE(rate_lanes_f64, f64_lanes, VECTOR_BYTES / 8, REGISTER)
RATE(rate_lanes_f32, f32_lanes, VECTOR_BYTES / 4, REGISTER)

int main(void) {
  char line[8192], *word[6];
  while (fgets(line, sizeof line, stdin)) {
    int words = 0;
    for (char *p = strtok(line, "\t\n"); p && words < 6; p = strtok(0, "\t\n")) word[words++] = p;
    if (words < 2) continue;
    int id = atoi(word[1]);
    Ready *r = &ready[id < 4096 ? id : 0];
    if (!strcmp(word[0], "prepare")) {
      snprintf(r->problem, sizeof r->problem, "%s", word[2]);
      r->single = strstr(word[4], "f32") != 0;
      r->state = r->single ? prepare_f32(word[2], word[3]) : prepare_f64(word[2], word[3]);
      puts("ok");
    } else if (!strcmp(word[0], "results")) {
      run(r);
      if (r->single) results_f32(r->state, word[2]);
      else results_f64(r->state, word[2]);
      puts("ok");
    } else if (!strcmp(word[0], "time")) {
      long calls = atol(word[2]);
      double from = now();
      for (long n = 0; n < calls; n++) run(r);
      printf("seconds\t%.9g\n", now() - from);
    } else if (!strcmp(word[0], "drop")) {
      if (r->state && r->single) drop_f32(r->state);
      else if (r->state) drop_f64(r->state);
      r->state = 0;
      puts("ok");
    } else if (!strcmp(word[0], "bandwidth")) {
      printf("seconds\t%.9g\n", read_time(atol(word[2])));
    } else if (!strcmp(word[0], "rate")) {
      int real = !strcmp(word[2], "real"), single = !strcmp(word[3], "f32");
      printf("flops\t%.9g\n", real ? (single ? rate_real_f32() : rate_real_f64())
                                   : (single ? rate_lanes_f32() : rate_lanes_f64()));
    } else puts("failed\tno such request");
    fflush(stdout);
  }
}
