/* .npy files of float64 and int32, row-major, as lib/data/npy.ts writes them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  int axes;
  long shape[4], length;
  char kind; /* 'f' or 'i' */
  void *data;
} Array;

static int read_npy(const char *folder, const char *name, Array *a) {
  char path[1024], header[4096], *p;
  snprintf(path, sizeof path, "%s/%s.npy", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  unsigned char head[10];
  if (fread(head, 1, 10, file) != 10) return fclose(file), 0;
  size_t size = head[8] | head[9] << 8;
  if (size >= sizeof header || fread(header, 1, size, file) != size) return fclose(file), 0;
  header[size] = 0;
  a->kind = strstr(header, "'<i4'") ? 'i' : 'f';
  a->axes = 0, a->length = 1;
  for (p = strchr(strstr(header, "'shape'"), '(') + 1; *p && *p != ')';) {
    char *end;
    long extent = strtol(p, &end, 10);
    if (end == p) { p++; continue; }
    a->shape[a->axes++] = extent, a->length *= extent, p = end;
  }
  size_t bytes = a->length * (a->kind == 'i' ? 4 : 8);
  a->data = malloc(bytes + 1);
  int whole = fread(a->data, 1, bytes, file) == bytes;
  fclose(file);
  return whole;
}

static void write_npy(const char *folder, const char *name, int axes, const long *shape, const double *data) {
  char path[1024], sizes[128] = "", header[256];
  long length = 1;
  for (int n = 0; n < axes; n++) {
    length *= shape[n];
    snprintf(sizes + strlen(sizes), sizeof sizes - strlen(sizes), "%ld, ", shape[n]);
  }
  int used = snprintf(header, sizeof header, "{'descr': '<f8', 'fortran_order': False, 'shape': (%s), }", sizes);
  int size = (used + 11 + 63) / 64 * 64 - 10;
  memset(header + used, ' ', size - used);
  header[size - 1] = '\n';
  snprintf(path, sizeof path, "%s/%s.npy", folder, name);
  FILE *file = fopen(path, "wb");
  fwrite("\x93NUMPY\x01\x00", 1, 8, file);
  fputc(size & 255, file), fputc(size >> 8, file);
  fwrite(header, 1, size, file);
  fwrite(data, 8, length, file);
  fclose(file);
}
