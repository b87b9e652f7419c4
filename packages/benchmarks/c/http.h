// One HTTP/1.1 message as it is read from a socket, and the checks on its body. Shared by upstream.c and load.c.
#pragma once
#define _GNU_SOURCE
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

#define STAMP_DIGITS 18

struct bytes {
  char *data;
  size_t length;
};

static void die(const char *what) {
  fprintf(stderr, "%s: %s\n", what, errno ? strerror(errno) : "failed");
  exit(1);
}

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct bytes read_file(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) die(path);
  fseek(file, 0, SEEK_END);
  struct bytes out = {NULL, (size_t)ftell(file)};
  rewind(file);
  out.data = malloc(out.length + 1);
  if (!out.data || fread(out.data, 1, out.length, file) != out.length) die(path);
  out.data[out.length] = 0;
  fclose(file);
  return out;
}

static void raise_file_limit(void) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

// ---- what a body has to be: byte for byte one of `exact`, or one that holds every mark in order

#define MAX_EXACT 4
#define ANY_DIGIT 1  // this byte in an expected body stands for any decimal digit (time stamps)

struct expectation {
  struct bytes exact[MAX_EXACT];
  bool masked[MAX_EXACT];
  long matched[MAX_EXACT];
  int exact_count;
  struct bytes *marks;
  size_t mark_count;
};

static void expect_exact(struct expectation *e, const char *path) {
  if (e->exact_count == MAX_EXACT) die("too many --expect");
  struct bytes body = read_file(path);
  e->masked[e->exact_count] = memchr(body.data, ANY_DIGIT, body.length) != NULL;
  e->exact[e->exact_count++] = body;
}

static void expect_marks(struct expectation *e, const char *path) {
  struct bytes file = read_file(path);
  for (char *line = strtok(file.data, "\n"); line; line = strtok(NULL, "\n")) {
    e->marks = realloc(e->marks, (e->mark_count + 1) * sizeof *e->marks);
    e->marks[e->mark_count++] = (struct bytes){line, strlen(line)};
  }
}

static bool equal_masked(const char *body, const struct bytes *expected) {
  for (size_t i = 0; i < expected->length; i++) {
    char want = expected->data[i];
    if (want == ANY_DIGIT ? !isdigit((unsigned char)body[i]) : want != body[i]) return false;
  }
  return true;
}

static bool as_expected(struct expectation *e, const char *body, size_t length) {
  for (int i = 0; i < e->exact_count; i++) {
    if (e->exact[i].length != length) continue;
    if (e->masked[i] ? equal_masked(body, &e->exact[i]) : memcmp(body, e->exact[i].data, length) == 0) {
      e->matched[i]++;
      return true;
    }
  }
  if (!e->mark_count) return !e->exact_count;
  const char *at = body, *end = body + length;
  for (size_t i = 0; i < e->mark_count; i++) {
    at = memmem(at, (size_t)(end - at), e->marks[i].data, e->marks[i].length);
    if (!at) return false;
    at += e->marks[i].length;
  }
  return true;
}

// Says on stderr, once per process, how an unexpected body looks.
static void show_unexpected(const struct expectation *e, const char *body, size_t length) {
  static bool shown;
  if (shown) return;
  shown = true;
  size_t differs = 0;
  if (e->exact_count)
    while (differs < length && differs < e->exact[0].length &&
           (body[differs] == e->exact[0].data[differs] || e->exact[0].data[differs] == ANY_DIGIT))
      differs++;
  size_t from = differs > 80 ? differs - 80 : 0;
  size_t shown_length = length - from < 400 ? length - from : 400;
  fprintf(stderr, "unexpected body of %zu bytes (expected %zu), first difference at %zu, from %zu: %.*s\n", length,
          e->exact_count ? e->exact[0].length : 0, differs, from, (int)shown_length, body + from);
}

// ---- reading a message

enum framing { FRAMING_LENGTH, FRAMING_CHUNKED, FRAMING_CLOSE };

struct message {
  char *data;  // the head, then the body with its chunk framing taken out, then raw bytes that are not decoded yet
  size_t length, capacity;
  size_t head;  // bytes of the head with its blank line; 0 until it is whole
  size_t body;  // bytes of the body so far, at data + head
  size_t raw;   // chunked: where the undecoded bytes begin
  size_t due;   // bytes still due of the body, or of the current chunk with its CRLF
  enum framing framing;
  bool complete, broken;
};

static void message_reset(struct message *m) {
  m->length = m->head = m->body = m->raw = m->due = 0;
  m->complete = m->broken = false;
}

static void message_reserve(struct message *m, size_t room) {
  if (m->capacity - m->length >= room) return;
  size_t capacity = m->capacity ? m->capacity * 2 : 4096;
  while (capacity - m->length < room) capacity *= 2;
  m->data = realloc(m->data, capacity);
  if (!m->data) die("out of memory");
  m->capacity = capacity;
}

// The value of a header in a whole head, or NULL; `name` is lower-case and ends with a colon.
static const char *header_value(const struct message *m, const char *name) {
  size_t size = strlen(name);
  const char *end = m->data + m->head;
  for (const char *line = memchr(m->data, '\n', m->head); line && line + 1 + size < end;
       line = memchr(line + 1, '\n', (size_t)(end - line - 1))) {
    if (strncasecmp(line + 1, name, size) != 0) continue;
    const char *value = line + 1 + size;
    while (*value == ' ') value++;
    return value;
  }
  return NULL;
}

static bool message_head(struct message *m, bool is_request) {
  char *blank = memmem(m->data, m->length, "\r\n\r\n", 4);
  if (!blank) return false;
  m->head = (size_t)(blank - m->data) + 4;
  const char *encoding = header_value(m, "transfer-encoding:");
  const char *size = header_value(m, "content-length:");
  if (encoding && strncasecmp(encoding, "chunked", 7) == 0) {
    m->framing = FRAMING_CHUNKED;
    m->raw = m->head;
  } else if (size || is_request) {
    m->framing = FRAMING_LENGTH;
    m->due = size ? (size_t)strtoull(size, NULL, 10) : 0;
    message_reserve(m, m->head + m->due > m->length ? m->head + m->due - m->length + 1 : 1);
  } else {
    m->framing = FRAMING_CLOSE;
  }
  return true;
}

static void message_dechunk(struct message *m) {
  while (m->raw < m->length) {
    char *at = m->data + m->raw;
    size_t have = m->length - m->raw;
    if (m->due > 2) {
      size_t take = m->due - 2 < have ? m->due - 2 : have;
      memmove(m->data + m->head + m->body, at, take);
      m->body += take;
      m->raw += take;
      m->due -= take;
    } else if (m->due > 0) {  // the CRLF after the chunk
      size_t take = m->due < have ? m->due : have;
      m->raw += take;
      m->due -= take;
    } else {
      char *newline = memchr(at, '\n', have);
      if (!newline) return;
      char *parsed;
      size_t size = (size_t)strtoull(at, &parsed, 16);
      if (parsed == at) {
        m->broken = true;
        return;
      }
      if (size == 0) {  // no trailers are sent by anything that is measured here
        if ((size_t)(m->data + m->length - newline) < 3) return;
        m->raw = (size_t)(newline - m->data) + 3;
        m->complete = true;
        return;
      }
      m->raw = (size_t)(newline - m->data) + 1;
      m->due = size + 2;
    }
  }
  m->raw = m->length = m->head + m->body;
}

// Takes what read() appended to data (`got` bytes).
static void message_take(struct message *m, size_t got, bool is_request) {
  m->length += got;
  if (!m->head && !message_head(m, is_request)) return;
  switch (m->framing) {
    case FRAMING_CHUNKED:
      message_dechunk(m);
      return;
    case FRAMING_LENGTH:
      m->body = m->length - m->head;
      if (m->body > m->due) m->broken = true;
      m->complete = m->body >= m->due;
      return;
    case FRAMING_CLOSE:
      m->body = m->length - m->head;
      return;
  }
}
