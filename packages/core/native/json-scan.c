// Checks that a byte stream is one JSON object in UTF-8 with nothing after it, 64 bytes at a time with SIMD, and notes where the members of
// that object stand. It is the fast twin of src/upstream/json-walk.ts and only ever says "sound" or "I do not know": the walk then decides,
// and words the error. Built by scripts/build-json-scan.mjs; the method is that of simdjson (Langdale and Lemire 2019), the UTF-8 check that
// of Keiser and Lemire 2020.

#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define CHUNK 65536
#define LOOKAHEAD 64
#define MAX_MEMBERS 256
#define MAX_DEPTH 1000

enum state { VALUE, VALUE_OR_CLOSE, KEY, KEY_OR_CLOSE, COLON, AFTER, DONE };

static u8 input[CHUNK + 2 * LOOKAHEAD] __attribute__((aligned(16)));
static u32 members[4 * MAX_MEMBERS];
static u8 is_object_at[MAX_DEPTH + 1];

static u64 was_escaped, was_in_string, was_scalar;
static v128_t last_input, last_incomplete, utf8_error;
static enum state state;
static u32 depth, count, is_object;

__attribute__((export_name("input"))) u8 *input_address(void) { return input; }
__attribute__((export_name("members"))) u32 *members_address(void) { return members; }

__attribute__((export_name("begin"))) void begin(void) {
  was_escaped = was_in_string = was_scalar = 0;
  last_input = last_incomplete = utf8_error = wasm_i8x16_splat(0);
  state = VALUE;
  depth = count = is_object = 0;
}

static inline u64 bits(v128_t a, v128_t b, v128_t c, v128_t d) {
  return (u64)wasm_i8x16_bitmask(a) | (u64)wasm_i8x16_bitmask(b) << 16 | (u64)wasm_i8x16_bitmask(c) << 32 | (u64)wasm_i8x16_bitmask(d) << 48;
}

// The characters that a backslash in front escapes; runs of backslashes may cross blocks.
static inline u64 escaped_by(u64 backslash) {
  if (backslash == 0) {
    u64 escaped = was_escaped;
    was_escaped = 0;
    return escaped;
  }
  const u64 even = 0x5555555555555555ull;
  backslash &= ~was_escaped;
  u64 follows = backslash << 1 | was_escaped;
  u64 odd_starts = backslash & ~even & ~follows;
  u64 sum = odd_starts + backslash;
  was_escaped = sum < backslash;
  return (even ^ (sum << 1)) & follows;
}

static inline u64 prefix_xor(u64 x) {
  x ^= x << 1;
  x ^= x << 2;
  x ^= x << 4;
  x ^= x << 8;
  x ^= x << 16;
  x ^= x << 32;
  return x;
}

static inline v128_t shifted_in_1(v128_t now, v128_t before) {
  return wasm_i8x16_shuffle(before, now, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30);
}
static inline v128_t shifted_in_2(v128_t now, v128_t before) {
  return wasm_i8x16_shuffle(before, now, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29);
}
static inline v128_t shifted_in_3(v128_t now, v128_t before) {
  return wasm_i8x16_shuffle(before, now, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28);
}

#define TOO_SHORT 1
#define TOO_LONG 2
#define OVERLONG_3 4
#define TOO_LARGE 8
#define SURROGATE 16
#define OVERLONG_2 32
#define TOO_LARGE_1000 64
#define OVERLONG_4 64
#define TWO_CONTS 128
#define CARRY (TOO_SHORT | TOO_LONG | TWO_CONTS)

static inline void check_utf8(v128_t now) {
  const v128_t first_high = wasm_i8x16_make(
      TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, (char)TWO_CONTS, (char)TWO_CONTS, (char)TWO_CONTS,
      (char)TWO_CONTS, TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE,
      TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4);
  const v128_t first_low = wasm_i8x16_make(
      (char)(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4), (char)(CARRY | OVERLONG_2), (char)CARRY, (char)CARRY, (char)(CARRY | TOO_LARGE),
      (char)(CARRY | TOO_LARGE | TOO_LARGE_1000), (char)(CARRY | TOO_LARGE | TOO_LARGE_1000), (char)(CARRY | TOO_LARGE | TOO_LARGE_1000),
      (char)(CARRY | TOO_LARGE | TOO_LARGE_1000), (char)(CARRY | TOO_LARGE | TOO_LARGE_1000), (char)(CARRY | TOO_LARGE | TOO_LARGE_1000),
      (char)(CARRY | TOO_LARGE | TOO_LARGE_1000), (char)(CARRY | TOO_LARGE | TOO_LARGE_1000),
      (char)(CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE), (char)(CARRY | TOO_LARGE | TOO_LARGE_1000),
      (char)(CARRY | TOO_LARGE | TOO_LARGE_1000));
  const v128_t second_high = wasm_i8x16_make(
      TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
      (char)(TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4),
      (char)(TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE), (char)(TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE),
      (char)(TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE), TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT);
  const v128_t nibble = wasm_i8x16_splat(0x0f);
  v128_t one = shifted_in_1(now, last_input);
  v128_t special = wasm_v128_and(
      wasm_v128_and(wasm_i8x16_swizzle(first_high, wasm_u8x16_shr(one, 4)), wasm_i8x16_swizzle(first_low, wasm_v128_and(one, nibble))),
      wasm_i8x16_swizzle(second_high, wasm_u8x16_shr(now, 4)));
  v128_t third = wasm_u8x16_sub_sat(shifted_in_2(now, last_input), wasm_i8x16_splat((char)(0xe0 - 0x80)));
  v128_t fourth = wasm_u8x16_sub_sat(shifted_in_3(now, last_input), wasm_i8x16_splat((char)(0xf0 - 0x80)));
  v128_t must_continue = wasm_v128_and(wasm_v128_or(third, fourth), wasm_i8x16_splat((char)0x80));
  utf8_error = wasm_v128_or(utf8_error, wasm_v128_xor(must_continue, special));
  last_input = now;
}

static inline v128_t incomplete_at_end(v128_t now) {
  const v128_t most = wasm_i8x16_make(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, (char)(0xf0 - 1), (char)(0xe0 - 1), (char)(0xc0 - 1));
  return wasm_u8x16_sub_sat(now, most);
}

static inline int is_digit(u8 c) { return (u8)(c - '0') < 10; }

static inline int ends_scalar(u8 c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ',' || c == '}' || c == ']' || c == ':' || c == '"' || c == '{' || c == '[';
}

// A literal or a number that begins at `p`; longer ones than the look-ahead are left to the walk.
static int is_scalar(const u8 *p) {
  const u8 *end = p + LOOKAHEAD - 8;
  if (p[0] == 't') return p[1] == 'r' && p[2] == 'u' && p[3] == 'e' && ends_scalar(p[4]);
  if (p[0] == 'n') return p[1] == 'u' && p[2] == 'l' && p[3] == 'l' && ends_scalar(p[4]);
  if (p[0] == 'f') return p[1] == 'a' && p[2] == 'l' && p[3] == 's' && p[4] == 'e' && ends_scalar(p[5]);
  if (*p == '-') p++;
  if (*p == '0') p++;
  else {
    if (!is_digit(*p)) return 0;
    while (p < end && is_digit(*p)) p++;
  }
  if (*p == '.') {
    if (!is_digit(*++p)) return 0;
    while (p < end && is_digit(*p)) p++;
  }
  if (*p == 'e' || *p == 'E') {
    p++;
    if (*p == '+' || *p == '-') p++;
    if (!is_digit(*p)) return 0;
    while (p < end && is_digit(*p)) p++;
  }
  return p < end && ends_scalar(*p);
}

static inline int is_hex(u8 c) { return is_digit(c) || (u8)((c | 0x20) - 'a') < 6; }

static int escapes_are_sound(const u8 *block, u64 escaped) {
  for (; escaped != 0; escaped &= escaped - 1) {
    const u8 *p = block + __builtin_ctzll(escaped);
    switch (*p) {
      case '"': case '\\': case '/': case 'b': case 'f': case 'n': case 'r': case 't': continue;
      case 'u':
        if (is_hex(p[1]) && is_hex(p[2]) && is_hex(p[3]) && is_hex(p[4])) continue;
        return 0;
      default: return 0;
    }
  }
  return 1;
}

static inline int open(u32 opens_object) {
  if (depth >= MAX_DEPTH) return 0;
  is_object_at[depth++] = (u8)is_object;
  is_object = opens_object;
  state = opens_object ? KEY_OR_CLOSE : VALUE_OR_CLOSE;
  return 1;
}

static inline void close(void) {
  is_object = is_object_at[--depth];
  state = depth == 0 ? DONE : AFTER;
}

static inline int begin_value(u32 at) {
  if (state > VALUE_OR_CLOSE) return 0;
  if (depth == 1) members[4 * count + 2] = at;
  return 1;
}

static inline int end_member(u32 at) {
  members[4 * count + 3] = at;
  return ++count < MAX_MEMBERS;
}

// The grammar, one token after the other: what opens a string, a scalar's first byte, and the six structural characters.
static int take(const u8 *p, u32 at) {
  switch (*p) {
    case '"':
      if (state == KEY || state == KEY_OR_CLOSE) {
        if (depth == 1) members[4 * count] = at;
        state = COLON;
        return 1;
      }
      if (depth == 0 || !begin_value(at)) return 0;
      state = AFTER;
      return 1;
    case ':':
      if (state != COLON) return 0;
      if (depth == 1) members[4 * count + 1] = at;
      state = VALUE;
      return 1;
    case ',':
      if (state != AFTER) return 0;
      if (depth == 1 && !end_member(at)) return 0;
      state = is_object ? KEY : VALUE;
      return 1;
    case '{': return begin_value(at) && open(1);
    case '[': return depth > 0 && begin_value(at) && open(0);
    case '}':
      if (state != KEY_OR_CLOSE && !(state == AFTER && is_object)) return 0;
      if (depth == 1 && state == AFTER && !end_member(at)) return 0;
      close();
      return 1;
    case ']':
      if (state != VALUE_OR_CLOSE && !(state == AFTER && !is_object)) return 0;
      close();
      return 1;
    default:
      if (depth == 0 || !begin_value(at) || !is_scalar(p)) return 0;
      state = AFTER;
      return 1;
  }
}

static int take_block(const u8 *block, u32 at) {
  const v128_t a = wasm_v128_load(block), b = wasm_v128_load(block + 16), c = wasm_v128_load(block + 32), d = wasm_v128_load(block + 48);
#define EACH(test) bits(test(a), test(b), test(c), test(d))
#define IS_QUOTE(v) wasm_i8x16_eq(v, wasm_i8x16_splat('"'))
#define IS_BACKSLASH(v) wasm_i8x16_eq(v, wasm_i8x16_splat('\\'))
#define IS_CONTROL(v) wasm_u8x16_lt(v, wasm_i8x16_splat(0x20))
  u64 beyond_ascii = bits(a, b, c, d);
  if (beyond_ascii == 0) {
    utf8_error = wasm_v128_or(utf8_error, last_incomplete);
    last_incomplete = wasm_i8x16_splat(0);
    last_input = d;
  } else {
    check_utf8(a);
    check_utf8(b);
    check_utf8(c);
    check_utf8(d);
    last_incomplete = incomplete_at_end(d);
  }
  u64 quotes = EACH(IS_QUOTE), backslashes = EACH(IS_BACKSLASH), controls = EACH(IS_CONTROL);
  if (was_in_string && (quotes | backslashes | controls | was_escaped) == 0) return 1;
  u64 escaped = escaped_by(backslashes);
  quotes &= ~escaped;
  u64 in_string = prefix_xor(quotes) ^ was_in_string;
  was_in_string = (u64)((long long)in_string >> 63);
  const v128_t spaces = wasm_i8x16_make(' ', 100, 100, 100, 17, 100, 113, 2, 100, '\t', '\n', 112, 100, '\r', 100, 100);
  const v128_t structurals = wasm_i8x16_make(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0);
  const v128_t nibble = wasm_i8x16_splat(0x0f), lower = wasm_i8x16_splat(0x20);
#define IS_SPACE(v) wasm_i8x16_eq(v, wasm_i8x16_swizzle(spaces, wasm_v128_and(v, nibble)))
#define IS_STRUCTURAL(v) wasm_i8x16_eq(wasm_v128_or(v, lower), wasm_i8x16_swizzle(structurals, wasm_v128_and(v, nibble)))
  u64 space = EACH(IS_SPACE), structural = EACH(IS_STRUCTURAL) & ~controls;
  if ((controls & (in_string | ~space)) != 0 || (backslashes & ~in_string) != 0) return 0;
  if (escaped != 0 && !escapes_are_sound(block, escaped)) return 0;
  u64 scalar = ~(structural | space | quotes | in_string);
  u64 scalar_starts = scalar & ~(scalar << 1 | was_scalar);
  was_scalar = scalar >> 63;
  u64 tokens = (structural & ~in_string) | (quotes & in_string) | scalar_starts;
  for (; tokens != 0; tokens &= tokens - 1) {
    u32 k = (u32)__builtin_ctzll(tokens);
    if (!take(block + k, at + k)) return 0;
  }
  return 1;
}

// `length` is a multiple of 64; the 64 bytes behind it are those that follow, or spaces. 1: sound so far; 0: unknown.
__attribute__((export_name("scan"))) int scan(u32 length, u32 base) {
  for (u32 i = 0; i < length; i += 64) {
    if (!take_block(input + i, base + i)) return 0;
  }
  return !wasm_v128_any_true(utf8_error);
}

// How many members the object has; -1 where the text is not whole.
__attribute__((export_name("finish"))) int finish(void) {
  if (state != DONE || was_in_string || wasm_v128_any_true(wasm_v128_or(utf8_error, last_incomplete))) return -1;
  return (int)count;
}
