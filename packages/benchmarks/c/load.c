// A client that is never the bottleneck: one epoll loop, N keep-alive connections, each sends the same prepared request again and again
// and checks every answer in full.
//
//   load --port N --request FILE --connections N (--seconds S [--at-least N] | --per-connection N) [--ramp-us N]
//        [--expect FILE]... [--marks FILE] [--stamps] [--patience SECONDS]
//
// With --at-least it goes on after S seconds until N answers are there, up to five times as long.
// With --stamps the eighteen digits between two @ are read as the time (CLOCK_MONOTONIC, ns) at which the upstream wrote that event.
// Prints one JSON object. Times are microseconds.
#include "http.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define ERROR_LIMIT 200

struct samples {
  uint64_t *ns;
  size_t count, capacity;
};

struct connection {
  int fd;
  struct message reply;
  size_t sent, scanned;  // bytes of the request that are written; bytes of the body that are searched for stamps
  uint64_t started, first_byte;
  long served;
  bool connecting, wants_out;
};

static struct bytes request;
static struct expectation expected;
static struct sockaddr_in server;
static struct samples first_bytes, totals, delays;
static struct {
  long connect, closed, status, mismatch, unfinished;
} errors;
static long requests, per_connection, open_connections, at_least;
static uint64_t body_bytes, deadline_ns, extended_deadline_ns;
static bool read_stamps;
static int epoll_fd;
static char sample[400];

static void record(struct samples *s, uint64_t ns) {
  if (s->count == s->capacity) {
    s->capacity = s->capacity ? s->capacity * 2 : 4096;
    s->ns = realloc(s->ns, s->capacity * sizeof *s->ns);
    if (!s->ns) die("out of memory");
  }
  s->ns[s->count++] = ns;
}

static bool may_go_on(const struct connection *c) {
  if (errors.connect + errors.closed + errors.status + errors.mismatch >= ERROR_LIMIT) return false;
  if (per_connection) return c->served < per_connection;
  return now_ns() < (requests < at_least ? extended_deadline_ns : deadline_ns);
}

static void open_connection(struct connection *c);

static void close_connection(struct connection *c) {
  close(c->fd);
  c->fd = -1;
  open_connections--;
}

static void failed(struct connection *c, long *kind) {
  (*kind)++;
  if (!sample[0] && c->reply.length)
    snprintf(sample, sizeof sample, "%.*s", (int)(c->reply.length < 380 ? c->reply.length : 380), c->reply.data);
  close_connection(c);
  c->served++;
  if (may_go_on(c)) open_connection(c);
}

static void watch(struct connection *c, bool out) {
  if (c->wants_out == out) return;
  c->wants_out = out;
  struct epoll_event event = {.events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static void send_more(struct connection *c) {
  while (c->sent < request.length) {
    ssize_t wrote = send(c->fd, request.data + c->sent, request.length - c->sent, MSG_NOSIGNAL);
    if (wrote < 0) {
      if (errno == EAGAIN) return watch(c, true);
      return failed(c, c->connecting ? &errors.connect : &errors.closed);
    }
    c->sent += (size_t)wrote;
  }
  c->connecting = false;
  watch(c, false);
}

static void start_request(struct connection *c) {
  message_reset(&c->reply);
  c->sent = c->scanned = 0;
  c->first_byte = 0;
  c->started = now_ns();
  send_more(c);
}

static void open_connection(struct connection *c) {
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (c->fd < 0) die("socket");
  int on = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  open_connections++;
  c->connecting = true;
  c->wants_out = true;
  message_reset(&c->reply);
  c->sent = c->scanned = 0;
  c->first_byte = 0;
  c->started = now_ns();
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
  if (connect(c->fd, (struct sockaddr *)&server, sizeof server) < 0 && errno != EINPROGRESS) failed(c, &errors.connect);
}

static void find_stamps(struct connection *c, uint64_t now) {
  const char *body = c->reply.data + c->reply.head;
  for (;;) {
    const char *at = memchr(body + c->scanned, '@', c->reply.body - c->scanned);
    if (!at) {
      c->scanned = c->reply.body;
      return;
    }
    size_t from = (size_t)(at - body);
    if (c->reply.body - from < STAMP_DIGITS + 2) {
      c->scanned = from;
      return;
    }
    c->scanned = from + 1;
    if (at[STAMP_DIGITS + 1] != '@') continue;
    uint64_t stamp = strtoull(at + 1, NULL, 10);
    if (stamp) record(&delays, now > stamp ? now - stamp : 0);
    c->scanned = from + STAMP_DIGITS + 2;
  }
}

static void finish(struct connection *c, uint64_t now) {
  struct message *m = &c->reply;
  if (m->head < 12 || memcmp(m->data + 9, "200", 3) != 0) return failed(c, &errors.status);
  if (!as_expected(&expected, m->data + m->head, m->body)) {
    show_unexpected(&expected, m->data + m->head, m->body);
    return failed(c, &errors.mismatch);
  }
  requests++;
  c->served++;
  body_bytes += m->body;
  record(&first_bytes, c->first_byte - c->started);
  record(&totals, now - c->started);
  const char *after = header_value(m, "connection:");
  bool closes = m->framing == FRAMING_CLOSE || (after && strncasecmp(after, "close", 5) == 0);
  if (!may_go_on(c)) return close_connection(c);
  if (!closes) return start_request(c);
  close_connection(c);
  open_connection(c);
}

static void readable(struct connection *c) {
  for (;;) {
    message_reserve(&c->reply, 4096);
    size_t room = c->reply.capacity - c->reply.length;
    ssize_t got = read(c->fd, c->reply.data + c->reply.length, room);
    if (got < 0 && errno == EAGAIN) return;
    uint64_t now = now_ns();
    if (got == 0 && c->reply.head && c->reply.framing == FRAMING_CLOSE) return finish(c, now);
    if (got <= 0) return failed(c, c->connecting ? &errors.connect : &errors.closed);
    if (!c->first_byte) c->first_byte = now;
    message_take(&c->reply, (size_t)got, false);
    if (read_stamps && c->reply.head) find_stamps(c, now);
    if (c->reply.broken) return failed(c, &errors.mismatch);
    if (c->reply.complete) return finish(c, now);
    if ((size_t)got < room) return;
  }
}

static int compare(const void *a, const void *b) {
  uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
  return x < y ? -1 : x > y;
}

static void print_samples(const char *name, struct samples *s) {
  if (s->count) qsort(s->ns, s->count, sizeof *s->ns, compare);
  double at[4] = {0.5, 0.9, 0.99, 1}, out[4] = {0};
  for (int i = 0; i < 4 && s->count; i++) out[i] = (double)s->ns[(size_t)(at[i] * (double)(s->count - 1))] / 1000;
  printf("\"%s\":{\"count\":%zu,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"max\":%.1f}", name, s->count, out[0], out[1], out[2], out[3]);
}

static void print_escaped(const char *text) {
  putchar('"');
  for (; *text; text++) {
    unsigned char c = (unsigned char)*text;
    if (c == '"' || c == '\\') printf("\\%c", c);
    else if (c < 0x20 || c >= 0x7f) printf("\\u%04x", c);
    else putchar(c);
  }
  putchar('"');
}

static void print_result(double seconds) {
  printf("{\"requests\":%ld,\"seconds\":%.3f,\"bodyBytes\":%llu,", requests, seconds, (unsigned long long)body_bytes);
  printf("\"errors\":{\"connect\":%ld,\"closed\":%ld,\"status\":%ld,\"mismatch\":%ld,\"unfinished\":%ld},", errors.connect,
         errors.closed, errors.status, errors.mismatch, errors.unfinished);
  printf("\"matched\":[%ld,%ld,%ld,%ld],\"sample\":", expected.matched[0], expected.matched[1], expected.matched[2], expected.matched[3]);
  print_escaped(sample);
  putchar(',');
  print_samples("firstByteUs", &first_bytes);
  putchar(',');
  print_samples("totalUs", &totals);
  putchar(',');
  print_samples("delayUs", &delays);
  printf("}\n");
}

int main(int count, char **arguments) {
  int port = 0;
  long connection_count = 1;
  double seconds = 1, patience = 60;
  uint64_t ramp_ns = 0;
  for (int i = 1; i < count; i++) {
    const char *name = arguments[i];
    if (!strcmp(name, "--stamps")) {
      read_stamps = true;
      continue;
    }
    if (++i == count) die("an option without its value");
    const char *value = arguments[i];
    if (!strcmp(name, "--port")) port = atoi(value);
    else if (!strcmp(name, "--request")) request = read_file(value);
    else if (!strcmp(name, "--connections")) connection_count = atol(value);
    else if (!strcmp(name, "--seconds")) seconds = atof(value);
    else if (!strcmp(name, "--per-connection")) per_connection = atol(value);
    else if (!strcmp(name, "--at-least")) at_least = atol(value);
    else if (!strcmp(name, "--ramp-us")) ramp_ns = (uint64_t)atoll(value) * 1000;
    else if (!strcmp(name, "--patience")) patience = atof(value);
    else if (!strcmp(name, "--expect")) expect_exact(&expected, value);
    else if (!strcmp(name, "--marks")) expect_marks(&expected, value);
    else die(name);
  }
  if (!request.length || !port) die("--request and --port are needed");
  raise_file_limit();
  server = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  struct connection *connections = calloc((size_t)connection_count, sizeof *connections);
  uint64_t start = now_ns(), give_up = start + (uint64_t)(((at_least ? 5 : 1) * seconds + patience) * 1e9);
  deadline_ns = start + (uint64_t)(seconds * 1e9);
  extended_deadline_ns = start + (uint64_t)(5 * seconds * 1e9);
  long opened = 0;
  while (opened < connection_count || open_connections) {
    uint64_t now = now_ns();
    if (now > give_up) break;
    for (; opened < connection_count && now >= start + (uint64_t)opened * ramp_ns; opened++)
      if (may_go_on(&connections[opened])) open_connection(&connections[opened]);
    struct epoll_event events[256];
    int ready = epoll_wait(epoll_fd, events, 256, opened < connection_count ? 1 : 200);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      uint32_t what = events[i].events;
      if (what & EPOLLOUT && !(what & (EPOLLERR | EPOLLHUP))) send_more(c);
      if (c->fd >= 0 && what & (EPOLLIN | EPOLLERR | EPOLLHUP)) readable(c);
    }
  }
  errors.unfinished = open_connections;
  print_result((double)(now_ns() - start) / 1e9);
  return 0;
}
