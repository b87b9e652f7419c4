// A provider that is never the bottleneck: one epoll loop that reads whole requests, checks their bodies and plays one prepared answer.
//
//   upstream --head FILE --body FILE [--parts FILE] [--chunked] [--parts-per-write N] [--pace-us N]
//            [--expect FILE]... [--marks FILE] [--header-needle TEXT] [--port N]
//
// `--parts` lists the end offset of every part (event) of the body, one a line; `--chunked` frames each part as an HTTP chunk of its own.
// With --pace-us one part is written per period, and eighteen zeros between two @ in a part become the time of writing (CLOCK_MONOTONIC, ns).
// It prints "listening PORT" and answers GET /__stats with its counters.
#include "http.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

struct connection {
  int fd;
  struct message request;
  size_t part;  // the next part to write
  size_t sent;  // burst: bytes of the answer that are written
  bool answering, wants_out;
  const char *reply;  // an answer of our own (stats, refusal) instead of the prepared one
  size_t reply_length;
  uint64_t due;
  size_t heap_index;
};

static struct {
  char *wire;  // head and framed parts, one after the other
  size_t length;
  size_t *ends;  // where each part ends in wire; ends[0] includes the head
  size_t *stamps;  // offset of a part's time stamp in wire, 0 if it has none
  size_t parts, parts_per_write;
  uint64_t pace_ns;
} answer;

static struct expectation expected;
static const char *header_needle;
static struct {
  long connections, requests, unexpected, unauthorised, other, aborted;
} counts;
static int epoll_fd, timer_fd;

// ---- a heap of paced connections, soonest first

static struct connection **heap;
static size_t heap_size, heap_capacity;

static void heap_place(struct connection *c, size_t i) {
  heap[i] = c;
  c->heap_index = i;
}

static void heap_sift(struct connection *c, size_t i) {
  while (i > 0 && heap[(i - 1) / 2]->due > c->due) {
    heap_place(heap[(i - 1) / 2], i);
    i = (i - 1) / 2;
  }
  for (size_t child; (child = 2 * i + 1) < heap_size; i = child) {
    if (child + 1 < heap_size && heap[child + 1]->due < heap[child]->due) child++;
    if (heap[child]->due >= c->due) break;
    heap_place(heap[child], i);
  }
  heap_place(c, i);
}

static void heap_push(struct connection *c) {
  if (heap_size == heap_capacity) {
    heap_capacity = heap_capacity ? heap_capacity * 2 : 256;
    heap = realloc(heap, heap_capacity * sizeof *heap);
  }
  heap_sift(c, heap_size++);
}

static void heap_remove(struct connection *c) {
  struct connection *last = heap[--heap_size];
  if (last != c) heap_sift(last, c->heap_index);
  c->heap_index = SIZE_MAX;
}

static void arm_timer(void) {
  struct itimerspec when = {0};
  if (heap_size) {
    when.it_value.tv_sec = (time_t)(heap[0]->due / 1000000000u);
    when.it_value.tv_nsec = (long)(heap[0]->due % 1000000000u);
  }
  timerfd_settime(timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
}

// ---- connections

static void watch(struct connection *c, bool out) {
  if (c->wants_out == out) return;
  c->wants_out = out;
  struct epoll_event event = {.events = EPOLLIN | (out ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static void hang_up(struct connection *c) {
  if (c->answering) counts.aborted++;
  if (c->heap_index != SIZE_MAX) heap_remove(c);
  close(c->fd);
  free(c->request.data);
  free(c);
}

static void answered(struct connection *c) {
  c->answering = false;
  c->reply = NULL;
  message_reset(&c->request);
  watch(c, false);
}

// Writes as much as the socket takes; false once the connection is gone.
static bool write_burst(struct connection *c) {
  const char *wire = c->reply ? c->reply : answer.wire;
  size_t length = c->reply ? c->reply_length : answer.length;
  while (c->sent < length) {
    size_t until = length;
    if (!c->reply && answer.parts_per_write) {
      while (answer.ends[c->part] <= c->sent) c->part++;
      size_t last = c->part + answer.parts_per_write - 1;
      until = last < answer.parts ? answer.ends[last] : length;
    }
    ssize_t wrote = send(c->fd, wire + c->sent, until - c->sent, MSG_NOSIGNAL);
    if (wrote < 0) {
      if (errno != EAGAIN) return hang_up(c), false;
      return watch(c, true), true;
    }
    c->sent += (size_t)wrote;
  }
  return answered(c), true;
}

// Writes the part that is due. Parts are far smaller than a socket buffer: one that does not fit is counted as an aborted answer.
static void write_paced(struct connection *c) {
  size_t from = c->part ? answer.ends[c->part - 1] : 0, until = answer.ends[c->part];
  char stamp[STAMP_DIGITS + 1];
  if (answer.stamps[c->part]) {
    snprintf(stamp, sizeof stamp, "%0*llu", STAMP_DIGITS, (unsigned long long)now_ns());
    memcpy(answer.wire + answer.stamps[c->part], stamp, STAMP_DIGITS);
  }
  if (send(c->fd, answer.wire + from, until - from, MSG_NOSIGNAL) != (ssize_t)(until - from)) return hang_up(c);
  heap_remove(c);
  if (++c->part == answer.parts) return answered(c);
  c->due += answer.pace_ns;
  heap_push(c);
}

static void reply_with(struct connection *c, const char *status, const char *json) {
  static char text[2048];
  c->reply_length = (size_t)snprintf(text, sizeof text,
                                     "HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n%s", status,
                                     strlen(json), json);
  c->reply = text;
  write_burst(c);
}

static void reply_with_stats(struct connection *c) {
  char json[512];
  snprintf(json, sizeof json,
           "{\"connections\":%ld,\"requests\":%ld,\"unexpected\":%ld,\"unauthorised\":%ld,\"other\":%ld,\"aborted\":%ld,"
           "\"matched\":[%ld,%ld,%ld,%ld]}",
           counts.connections, counts.requests, counts.unexpected, counts.unauthorised, counts.other, counts.aborted,
           expected.matched[0], expected.matched[1], expected.matched[2], expected.matched[3]);
  reply_with(c, "200 OK", json);
}

static void serve(struct connection *c) {
  struct message *m = &c->request;
  c->answering = true;
  c->sent = c->part = 0;
  if (m->length >= 13 && memcmp(m->data, "GET /__stats ", 13) == 0) return reply_with_stats(c);
  if (memcmp(m->data, "POST ", 5) != 0) {
    counts.other++;
    return reply_with(c, "404 Not Found", "{}");
  }
  counts.requests++;
  if (header_needle && !memmem(m->data, m->head, header_needle, strlen(header_needle))) {
    counts.unauthorised++;
    return reply_with(c, "401 Unauthorized", "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"no key\"}}");
  }
  if (!as_expected(&expected, m->data + m->head, m->body)) {
    counts.unexpected++;
    show_unexpected(&expected, m->data + m->head, m->body);
    return reply_with(c, "422 Unprocessable Entity",
                      "{\"type\":\"error\",\"error\":{\"type\":\"invalid_request_error\",\"message\":\"not the expected body\"}}");
  }
  if (answer.pace_ns) {
    c->due = now_ns();
    heap_push(c);
  } else {
    write_burst(c);
  }
}

static void readable(struct connection *c) {
  for (;;) {
    message_reserve(&c->request, 4096);
    size_t room = c->request.capacity - c->request.length;
    ssize_t got = read(c->fd, c->request.data + c->request.length, room);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 || c->answering) return hang_up(c);
    message_take(&c->request, (size_t)got, true);
    if (c->request.broken) return hang_up(c);
    if (c->request.complete) return serve(c);
    if ((size_t)got < room) return;
  }
}

static void accept_all(int listener) {
  for (int fd; (fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *c = calloc(1, sizeof *c);
    c->fd = fd;
    c->heap_index = SIZE_MAX;
    counts.connections++;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
  }
}

// ---- set-up

static void append(const char *data, size_t length) {
  answer.wire = realloc(answer.wire, answer.length + length);
  memcpy(answer.wire + answer.length, data, length);
  answer.length += length;
}

static void add_part(const char *data, size_t length, bool chunked, bool is_last) {
  static char zeros[STAMP_DIGITS + 3];
  snprintf(zeros, sizeof zeros, "@%0*d@", STAMP_DIGITS, 0);
  size_t i = answer.parts++;
  answer.ends = realloc(answer.ends, answer.parts * sizeof *answer.ends);
  answer.stamps = realloc(answer.stamps, answer.parts * sizeof *answer.stamps);
  char frame[32];
  if (chunked) append(frame, (size_t)snprintf(frame, sizeof frame, "%zx\r\n", length));
  const char *stamp = memmem(data, length, zeros, STAMP_DIGITS + 2);
  answer.stamps[i] = stamp ? answer.length + (size_t)(stamp - data) + 1 : 0;
  append(data, length);
  if (chunked) append("\r\n", 2);
  if (chunked && is_last) append("0\r\n\r\n", 5);
  answer.ends[i] = answer.length;
}

static void prepare(const char *head, const char *body, const char *parts, bool chunked) {
  struct bytes h = read_file(head), b = read_file(body);
  append(h.data, h.length);
  size_t from = 0;
  if (parts) {
    struct bytes list = read_file(parts);
    for (char *line = strtok(list.data, "\n"); line; line = strtok(NULL, "\n")) {
      size_t until = (size_t)strtoull(line, NULL, 10);
      add_part(b.data + from, until - from, chunked, until == b.length);
      from = until;
    }
  }
  if (from < b.length) add_part(b.data + from, b.length - from, chunked, true);
}

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 8192) < 0) die("listen");
  getsockname(fd, (struct sockaddr *)&address, &size);
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return fd;
}

static void fire_timers(void) {
  uint64_t expirations;
  if (read(timer_fd, &expirations, sizeof expirations) < 0) return;
  while (heap_size && heap[0]->due <= now_ns()) write_paced(heap[0]);
}

int main(int count, char **arguments) {
  const char *head = NULL, *body = NULL, *parts = NULL;
  bool chunked = false;
  int port = 0;
  for (int i = 1; i < count; i++) {
    const char *name = arguments[i];
    if (!strcmp(name, "--chunked")) {
      chunked = true;
      continue;
    }
    if (++i == count) die("an option without its value");
    const char *value = arguments[i];
    if (!strcmp(name, "--head")) head = value;
    else if (!strcmp(name, "--body")) body = value;
    else if (!strcmp(name, "--parts")) parts = value;
    else if (!strcmp(name, "--parts-per-write")) answer.parts_per_write = (size_t)atoi(value);
    else if (!strcmp(name, "--pace-us")) answer.pace_ns = (uint64_t)atoll(value) * 1000;
    else if (!strcmp(name, "--expect")) expect_exact(&expected, value);
    else if (!strcmp(name, "--marks")) expect_marks(&expected, value);
    else if (!strcmp(name, "--header-needle")) header_needle = value;
    else if (!strcmp(name, "--port")) port = atoi(value);
    else die(name);
  }
  if (!head || !body) die("--head and --body are needed");
  raise_file_limit();
  prepare(head, body, parts, chunked);
  epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
  int listener = listen_on(port);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = &listener};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
  event.data.ptr = &timer_fd;
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, timer_fd, &event);
  for (;;) {
    struct epoll_event events[256];
    arm_timer();
    int ready = epoll_wait(epoll_fd, events, 256, -1);
    bool timers = false;
    for (int i = 0; i < ready; i++) {
      void *what = events[i].data.ptr;
      if (what == &listener) accept_all(listener);
      else if (what == &timer_fd) timers = true;
      else if (events[i].events & EPOLLOUT && !(events[i].events & (EPOLLERR | EPOLLHUP))) write_burst(what);
      else readable(what);
    }
    if (timers) fire_timers();  // last: it may free a connection that an event of this batch still names
  }
}
