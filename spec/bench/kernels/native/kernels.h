/*
 * The problems by hand in C, for numbers of type REAL. Included once a precision.
 *
 * X is read from memory once: a block of rows is scored, its adjoint is made, and its outer
 * product is added while it is still in the cache. Lanes run along the features, so the weights
 * are kept transposed; tiles are of ROWS rows by CLASSES classes. Rows without adjoint are skipped.
 */
#define NAME2(name, suffix) name##_##suffix
#define NAME1(name, suffix) NAME2(name, suffix)
#define OF(name) NAME1(name, SUFFIX)
#define LANES (VECTOR_BYTES / (long)sizeof(REAL))

typedef REAL OF(vector) __attribute__((vector_size(VECTOR_BYTES), aligned(sizeof(REAL)), may_alias));
#define LOAD(p) (*(const OF(vector) *)(p))
#define STORE(p, v) (*(OF(vector) *)(p) = (v))

typedef struct {
  long N, D, C, K;           /* rows, features, classes, hidden units */
  long H, F;                 /* images of H by H, filters */
  const int *y;
  REAL *X, *W, *V, *a, *b, *s, *dout;
  REAL reg, Delta;
  REAL *Wt, *dWt, *score, *hidden; /* scratch */
  REAL *out, *dX, *dW, *dV, *da, *db, *ds;
  double value;
} OF(State);

static REAL OF(total)(OF(vector) v) {
  REAL sum = 0;
  for (int l = 0; l < LANES; l++) sum += v[l];
  return sum;
}

/* score[r][c] = x[r] · w[c] for a tile of constant size; the caller's constants make it unrolled. */
static inline __attribute__((always_inline)) void OF(score_tile)(int R, int C, long D, const REAL *const *x,
                                                                 const REAL *w, REAL *score, long stride) {
  OF(vector) sum[ROWS][CLASSES];
  long d = 0;
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) sum[r][c] = (OF(vector)){0};
  for (; d + LANES <= D; d += LANES) {
    OF(vector) wd[CLASSES];
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) wd[c] = LOAD(w + c * D + d);
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) {
      OF(vector) xd = LOAD(x[r] + d);
#pragma GCC unroll 8
      for (int c = 0; c < C; c++) sum[r][c] += xd * wd[c];
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) {
      REAL rest = OF(total)(sum[r][c]);
      for (long e = d; e < D; e++) rest += x[r][e] * w[c * D + e];
      score[r * stride + c] = rest;
    }
}

/* dw[c] += sum over r of g[r][c] x[r]. */
static inline __attribute__((always_inline)) void OF(outer_tile)(int R, int C, long D, const REAL *const *x,
                                                                 const REAL *const *g, REAL *dw) {
  REAL factor[ROWS][CLASSES];
  long d = 0;
#pragma GCC unroll 8
  for (int r = 0; r < R; r++)
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) factor[r][c] = g[r][c];
  for (; d + LANES <= D; d += LANES) {
    OF(vector) xd[ROWS];
#pragma GCC unroll 8
    for (int r = 0; r < R; r++) xd[r] = LOAD(x[r] + d);
#pragma GCC unroll 8
    for (int c = 0; c < C; c++) {
      OF(vector) sum = LOAD(dw + c * D + d);
#pragma GCC unroll 8
      for (int r = 0; r < R; r++) sum += xd[r] * factor[r][c];
      STORE(dw + c * D + d, sum);
    }
  }
  for (; d < D; d++)
    for (int c = 0; c < C; c++)
      for (int r = 0; r < R; r++) dw[c * D + d] += x[r][d] * factor[r][c];
}

static void OF(score_rows)(long rows, long C, long D, const REAL *X, const REAL *Wt, REAL *score) {
  for (long c = 0; c < C;) {
    int width = c + CLASSES <= C ? CLASSES : 1;
    for (long r = 0; r < rows;) {
      const REAL *x[ROWS];
      int height = r + ROWS <= rows ? ROWS : 1;
      for (int n = 0; n < height; n++) x[n] = X + (r + n) * D;
      REAL *to = score + r * C + c;
      const REAL *w = Wt + c * D;
      if (height == ROWS && width == CLASSES) OF(score_tile)(ROWS, CLASSES, D, x, w, to, C);
      else if (height == ROWS) OF(score_tile)(ROWS, 1, D, x, w, to, C);
      else if (width == CLASSES) OF(score_tile)(1, CLASSES, D, x, w, to, C);
      else OF(score_tile)(1, 1, D, x, w, to, C);
      r += height;
    }
    c += width;
  }
}

static void OF(outer_rows)(long rows, long C, long D, const REAL *X, const REAL *g, REAL *dWt) {
  const REAL *x[rows], *ds[rows];
  long active = 0;
  for (long r = 0; r < rows; r++)
    for (long c = 0; c < C; c++)
      if (g[r * C + c] != 0) {
        x[active] = X + r * D, ds[active++] = g + r * C;
        break;
      }
  for (long c = 0; c < C;) {
    int width = c + CLASSES <= C ? CLASSES : 1;
    REAL *to = dWt + c * D;
    for (long r = 0; r < active;) {
      const REAL *g[ROWS];
      int height = r + ROWS <= active ? ROWS : 1;
      for (int n = 0; n < height; n++) g[n] = ds[r + n] + c;
      if (height == ROWS && width == CLASSES) OF(outer_tile)(ROWS, CLASSES, D, x + r, g, to);
      else if (height == ROWS) OF(outer_tile)(ROWS, 1, D, x + r, g, to);
      else if (width == CLASSES) OF(outer_tile)(1, CLASSES, D, x + r, g, to);
      else OF(outer_tile)(1, 1, D, x + r, g, to);
      r += height;
    }
    c += width;
  }
}

/* Scores become their adjoint, in place; the row's loss times N is returned. */
static double OF(hinge_row)(long C, REAL *s, long right, REAL Delta, REAL N) {
  REAL least = s[right] - Delta, own = s[right] - least, loss = 0, count = 0, share = 1 / N;
  for (long j = 0; j < C; j++) {
    REAL margin = s[j] - least;
    REAL over = margin > 0 ? 1 : 0;
    loss += margin * over, count += over;
    s[j] = over * share;
  }
  /* Taken back, rather than kept out by a store that the loads of the loop would have to wait for. */
  if (own > 0) loss -= own, count -= 1;
  s[right] = -count * share;
  return loss;
}

static double OF(cross_entropy_row)(long C, REAL *s, long right, REAL Delta, REAL N) {
  (void)Delta;
  REAL top = s[0], chosen = s[right], sum = 0;
  for (long j = 0; j < C; j++) top = s[j] > top ? s[j] : top;
  for (long j = 0; j < C; j++) s[j] = EXP(s[j] - top), sum += s[j];
  REAL share = 1 / (sum * N);
  for (long j = 0; j < C; j++) s[j] *= share;
  s[right] -= 1 / N;
  return log(sum) + top - chosen;
}

typedef double (*OF(Row))(long, REAL *, long, REAL, REAL);

static void OF(transpose)(long from_rows, long from_columns, const REAL *from, REAL *to) {
  for (long d = 0; d < from_rows; d++)
    for (long c = 0; c < from_columns; c++) to[c * from_rows + d] = from[d * from_columns + c];
}

/* As many rows as keep their features in the second-level cache. */
static long OF(block)(long D) {
  long rows = 262144 / ((long)sizeof(REAL) * D) / ROWS * ROWS;
  return rows < ROWS ? ROWS : rows > 512 ? 512 : rows;
}

static double OF(regularize)(long D, long C, REAL reg, const REAL *W, const REAL *dWt, REAL *dW) {
  double squares = 0;
  for (long d = 0; d < D; d++)
    for (long c = 0; c < C; c++) {
      REAL w = W[d * C + c];
      squares += (double)w * w;
      dW[d * C + c] = dWt[c * D + d] + 2 * reg * w;
    }
  return reg * squares;
}

static void OF(linear)(OF(State) *k, OF(Row) row) {
  long N = k->N, D = k->D, C = k->C, R = OF(block)(D);
  double loss = 0;
  OF(transpose)(D, C, k->W, k->Wt);
  memset(k->dWt, 0, sizeof(REAL) * D * C);
  for (long i = 0; i < N; i += R) {
    long rows = i + R < N ? R : N - i;
    const REAL *X = k->X + i * D;
    OF(score_rows)(rows, C, D, X, k->Wt, k->score);
    for (long r = 0; r < rows; r++) loss += row(C, k->score + r * C, k->y[i + r], k->Delta, N);
    OF(outer_rows)(rows, C, D, X, k->score, k->dWt);
  }
  k->value = loss / N + OF(regularize)(D, C, k->reg, k->W, k->dWt, k->dW);
}

static void OF(svm)(OF(State) *k) { OF(linear)(k, OF(hinge_row)); }
static void OF(softmax)(OF(State) *k) { OF(linear)(k, OF(cross_entropy_row)); }

static void OF(scores)(OF(State) *k, OF(Row) row) {
  long N = k->N, C = k->C;
  double loss = 0;
  for (long i = 0; i < N; i++) {
    memcpy(k->ds + i * C, k->s + i * C, sizeof(REAL) * C);
    loss += row(C, k->ds + i * C, k->y[i], k->Delta, N);
  }
  k->value = loss / N;
}

static void OF(svm_scores)(OF(State) *k) { OF(scores)(k, OF(hinge_row)); }
static void OF(softmax_scores)(OF(State) *k) { OF(scores)(k, OF(cross_entropy_row)); }

static void OF(network)(OF(State) *k) {
  long N = k->N, D = k->D, K = k->K, C = k->C, R = OF(block)(D);
  REAL *dW = k->dW;
  double loss = 0, squares = 0;
  OF(transpose)(D, K, k->V, k->Wt);
  memset(k->dWt, 0, sizeof(REAL) * D * K);
  memset(dW, 0, sizeof(REAL) * K * C), memset(k->db, 0, sizeof(REAL) * C), memset(k->da, 0, sizeof(REAL) * K);
  for (long i = 0; i < N; i += R) {
    long rows = i + R < N ? R : N - i;
    OF(score_rows)(rows, K, D, k->X + i * D, k->Wt, k->hidden);
    for (long r = 0; r < rows; r++) {
      REAL *h = k->hidden + r * K, *s = k->score;
      for (long j = 0; j < C; j++) s[j] = k->b[j];
      for (long u = 0; u < K; u++) {
        h[u] += k->a[u];
        h[u] = h[u] > 0 ? h[u] : 0;
        for (long j = 0; j < C; j++) s[j] += h[u] * k->W[u * C + j];
      }
      loss += OF(cross_entropy_row)(C, s, k->y[i + r], 0, N);
      for (long j = 0; j < C; j++) k->db[j] += s[j];
      for (long u = 0; u < K; u++) {
        REAL dh = 0;
        for (long j = 0; j < C; j++) {
          dW[u * C + j] += h[u] * s[j];
          dh += k->W[u * C + j] * s[j];
        }
        h[u] = h[u] > 0 ? dh : 0;
        k->da[u] += h[u];
      }
    }
    OF(outer_rows)(rows, K, D, k->X + i * D, k->hidden, k->dWt);
  }
  for (long n = 0; n < K * C; n++) squares += (double)k->W[n] * k->W[n], dW[n] += 2 * k->reg * k->W[n];
  k->value = loss / N + k->reg * squares + OF(regularize)(D, K, k->reg, k->V, k->dWt, k->dV);
}

/* out[f] = bias[f] + sum over c, r, s of kernel[f][c][r][s] padded[c][·+r][·+s]; a filter at a time, lanes along a row. */
static void OF(convolve)(long F, long C, long H, const REAL *padded, const REAL *kernel, const REAL *bias, REAL *out) {
  long P = H + 2;
  for (long f0 = 0; f0 < F; f0 += 4) {
    int filters = f0 + 4 <= F ? 4 : (int)(F - f0);
    for (long p = 0; p < H; p++) {
      long q = 0;
      if (filters == 4)
        for (; q + LANES <= H; q += LANES) {
          OF(vector) sum[4];
          for (int f = 0; f < 4; f++) sum[f] = (OF(vector)){0} + (bias ? bias[f0 + f] : 0);
          for (long c = 0; c < C; c++)
            for (int t = 0; t < 9; t++) {
              OF(vector) x = LOAD(padded + (c * P + p + t / 3) * P + q + t % 3);
#pragma GCC unroll 4
              for (int f = 0; f < 4; f++) sum[f] += x * kernel[((f0 + f) * C + c) * 9 + t];
            }
          for (int f = 0; f < 4; f++) STORE(out + ((f0 + f) * H + p) * H + q, sum[f]);
        }
      for (; q < H; q++)
        for (int f = 0; f < filters; f++) {
          REAL sum = bias ? bias[f0 + f] : 0;
          for (long c = 0; c < C; c++)
            for (int t = 0; t < 9; t++)
              sum += padded[(c * P + p + t / 3) * P + q + t % 3] * kernel[((f0 + f) * C + c) * 9 + t];
          out[((f0 + f) * H + p) * H + q] = sum;
        }
    }
  }
}

static void OF(pad)(long C, long H, const REAL *image, REAL *padded) {
  for (long c = 0; c < C; c++)
    for (long p = 0; p < H; p++) memcpy(padded + (c * (H + 2) + p + 1) * (H + 2) + 1, image + (c * H + p) * H, sizeof(REAL) * H);
}

/* X has C channels and stands in `X`, the kernels in `W`; Wt holds them flipped with channels and filters exchanged. */
static void OF(convolution)(OF(State) *k) {
  long N = k->N, C = k->C, F = k->F, H = k->H, P = H + 2;
  REAL *padded = k->score, *upstream = k->hidden;
  for (long f = 0; f < F; f++)
    for (long c = 0; c < C; c++)
      for (int t = 0; t < 9; t++) k->Wt[(c * F + f) * 9 + 8 - t] = k->W[(f * C + c) * 9 + t];
  memset(k->dW, 0, sizeof(REAL) * F * C * 9), memset(k->db, 0, sizeof(REAL) * F);
  for (long n = 0; n < N; n++) {
    const REAL *g = k->dout + n * F * H * H;
    OF(pad)(C, H, k->X + n * C * H * H, padded);
    OF(pad)(F, H, g, upstream);
    OF(convolve)(F, C, H, padded, k->W, k->b, k->out + n * F * H * H);
    OF(convolve)(C, F, H, upstream, k->Wt, 0, k->dX + n * C * H * H);
    for (long f = 0; f < F; f++) {
      for (long q = 0; q < H * H; q++) k->db[f] += g[f * H * H + q];
      for (long c = 0; c < C; c++) {
        OF(vector) sum[9] = {0};
        REAL rest[9] = {0};
        for (long p = 0; p < H; p++) {
          long q = 0;
          for (; q + LANES <= H; q += LANES) {
            OF(vector) d = LOAD(g + (f * H + p) * H + q);
#pragma GCC unroll 9
            for (int t = 0; t < 9; t++) sum[t] += d * LOAD(padded + (c * P + p + t / 3) * P + q + t % 3);
          }
          for (; q < H; q++)
            for (int t = 0; t < 9; t++)
              rest[t] += g[(f * H + p) * H + q] * padded[(c * P + p + t / 3) * P + q + t % 3];
        }
        for (int t = 0; t < 9; t++) k->dW[(f * C + c) * 9 + t] += OF(total)(sum[t]) + rest[t];
      }
    }
  }
}

static REAL *OF(numbers)(long length) {
  REAL *p = aligned_alloc(64, (sizeof(REAL) * length + 64) / 64 * 64 + 64);
  memset(p, 0, sizeof(REAL) * length);
  return p;
}

/* An input converted to REAL, or null. */
static REAL *OF(input)(const char *folder, const char *name, Array *a) {
  if (!read_npy(folder, name, a)) return 0;
  REAL *p = OF(numbers)(a->length);
  for (long n = 0; n < a->length; n++) p[n] = ((double *)a->data)[n];
  free(a->data);
  return p;
}

static REAL OF(scalar)(const char *folder, const char *name) {
  Array a;
  REAL *p = OF(input)(folder, name, &a), value = p ? *p : 0;
  free(p);
  return value;
}

static void *OF(prepare)(const char *problem, const char *folder) {
  OF(State) *k = calloc(1, sizeof *k);
  Array X, W, V, s, y, other;
  k->reg = OF(scalar)(folder, "reg"), k->Delta = OF(scalar)(folder, "Delta");
  if (read_npy(folder, "y", &y)) k->y = y.data, k->N = y.length;
  if ((k->s = OF(input)(folder, "s", &s))) {
    k->C = s.shape[1], k->ds = OF(numbers)(s.length);
    return k;
  }
  k->X = OF(input)(folder, "X", &X);
  k->a = OF(input)(folder, "a", &other), k->b = OF(input)(folder, "b", &other);
  if (!strcmp(problem, "convolution")) {
    k->W = OF(input)(folder, "K", &W), k->dout = OF(input)(folder, "dout", &other);
    k->N = X.shape[0], k->C = X.shape[1], k->H = X.shape[2], k->F = W.shape[0];
    k->out = OF(numbers)(other.length), k->dX = OF(numbers)(X.length), k->dW = OF(numbers)(W.length);
    k->db = OF(numbers)(k->F), k->Wt = OF(numbers)(W.length);
    long area = (k->H + 2) * (k->H + 2);
    k->score = OF(numbers)(k->C * area), k->hidden = OF(numbers)(k->F * area);
    return k;
  }
  k->D = X.shape[1];
  k->W = OF(input)(folder, "W", &W);
  k->C = W.shape[1];
  k->dW = OF(numbers)(W.length), k->db = OF(numbers)(k->C);
  long rows = OF(block)(k->D), wide = k->C;
  if ((k->V = OF(input)(folder, "V", &V)))
    k->K = wide = V.shape[1], k->dV = OF(numbers)(V.length), k->da = OF(numbers)(k->K);
  k->Wt = OF(numbers)(k->D * wide), k->dWt = OF(numbers)(k->D * wide);
  k->score = OF(numbers)(rows * k->C), k->hidden = OF(numbers)(rows * wide);
  return k;
}

static void OF(write)(const char *folder, const char *name, int axes, const long *shape, const REAL *data) {
  if (!data) return;
  long length = 1;
  for (int n = 0; n < axes; n++) length *= shape[n];
  double *wide = malloc(sizeof(double) * length + 1);
  for (long n = 0; n < length; n++) wide[n] = data[n];
  write_npy(folder, name, axes, shape, wide);
  free(wide);
}

static void OF(results)(const void *state, const char *folder) {
  const OF(State) *k = state;
  if (k->H) {
    OF(write)(folder, "value", 4, (long[]){k->N, k->F, k->H, k->H}, k->out);
    OF(write)(folder, "X", 4, (long[]){k->N, k->C, k->H, k->H}, k->dX);
    OF(write)(folder, "K", 4, (long[]){k->F, k->C, 3, 3}, k->dW);
    OF(write)(folder, "b", 1, &k->F, k->db);
    return;
  }
  write_npy(folder, "value", 0, 0, &k->value);
  OF(write)(folder, "s", 2, (long[]){k->N, k->C}, k->ds);
  OF(write)(folder, "W", 2, (long[]){k->V ? k->K : k->D, k->C}, k->dW);
  if (!k->V) return;
  OF(write)(folder, "V", 2, (long[]){k->D, k->K}, k->dV);
  OF(write)(folder, "a", 1, &k->K, k->da);
  OF(write)(folder, "b", 1, &k->C, k->db);
}

static void OF(drop)(void *state) {
  OF(State) *k = state;
  REAL *owned[] = {k->X, k->W, k->V, k->a, k->b, k->s, k->dout, k->Wt, k->dWt, k->score, k->hidden,
                   k->out, k->dX, k->dW, k->dV, k->da, k->db, k->ds};
  for (unsigned n = 0; n < sizeof owned / sizeof *owned; n++) free(owned[n]);
  free((void *)k->y), free(k);
}

static void OF(run)(const char *problem, void *state) {
  if (!strcmp(problem, "svm")) OF(svm)(state);
  else if (!strcmp(problem, "softmax")) OF(softmax)(state);
  else if (!strcmp(problem, "svm-scores")) OF(svm_scores)(state);
  else if (!strcmp(problem, "softmax-scores")) OF(softmax_scores)(state);
  else if (!strcmp(problem, "network")) OF(network)(state);
  else OF(convolution)(state);
}

#undef LOAD
#undef STORE
#undef LANES
