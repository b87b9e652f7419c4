// Checks that a byte stream is one JSON object in UTF-8 with nothing after it, 64 bytes at a time with SIMD, and notes where the members of
// that object stand. It is the fast twin of the walk in core and only ever says "sound" or "I do not know": the walk then decides,
// and words the error. Built by scripts/build-json-scan.mjs; the method is that of simdjson (Langdale and Lemire 2019), the UTF-8 check that
// of Keiser and Lemire 2020.
//
// Nearly all of a request is inside long strings. So the loop of `scan` takes whole blocks within a string, without a branch on what is in
// them, and leaves it for anything else. Branches that text decides are mispredicted, and engines (V8 for one) keep vectors in registers neither
// across calls nor in long stretches of straight code: hence the small loops, and the functions set APART.

#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;

#define APART __attribute__((noinline))
#define CHUNK 16384
#define LOOKAHEAD 64
#define MAX_MEMBERS 256
#define MAX_DEPTH 1000

// The last bytes of the chunk before stand in front of the input.
#define BEHIND 16
static u8 room[BEHIND + CHUNK + 2 * LOOKAHEAD] __attribute__((aligned(16)));
#define input (room + BEHIND)

// The state of one text between two calls of `scan`, together with the BEHIND bytes in front of the input. It stands in one piece, so that the caller
// can save it, scan another text, and put it back. `was_in_string` has all bits set or none; `was_escaping` and `was_scalar` are 1 or 0, for the byte
// in front of the block. `members` holds the four places of each member; what follows the member under way is not in use.
static struct {
  v128_t utf8_error;
  u64 was_escaping, was_in_string, was_scalar, state;
  u32 depth, count;
  u8 is_array_at[MAX_DEPTH + 2];
  u32 members[4 * MAX_MEMBERS];
} text;

__attribute__((export_name("input"))) u8 *input_address(void) { return input; }
__attribute__((export_name("members"))) u32 *members_address(void) { return text.members; }
__attribute__((export_name("text"))) u8 *text_address(void) { return (u8 *)&text; }

// How many bytes of `text` are in use.
__attribute__((export_name("text_bytes"))) u32 text_bytes(void) {
  return (u32)((u8 *)(text.members + 4 * (text.count + 1)) - (u8 *)&text);
}

// ---- Vectors and masks

typedef struct { v128_t a, b, c, d; } vectors;

static inline vectors load(const u8 *block) {
  return (vectors){wasm_v128_load(block), wasm_v128_load(block + 16), wasm_v128_load(block + 32), wasm_v128_load(block + 48)};
}

// A bit for each byte of a block for which `test` holds, the first byte the lowest.
#define EACH(test, v) bits(test(v.a), test(v.b), test(v.c), test(v.d))
static inline u64 bits(v128_t a, v128_t b, v128_t c, v128_t d) {
  return (u64)wasm_i8x16_bitmask(a) | (u64)wasm_i8x16_bitmask(b) << 16 | (u64)wasm_i8x16_bitmask(c) << 32 | (u64)wasm_i8x16_bitmask(d) << 48;
}

// Tables are loaded, since engines build a constant anew wherever it is used. They are not static, or the compiler would make constants of them.
#define TABLE(name, ...) u8 name##_bytes[16] __attribute__((aligned(16))) = {__VA_ARGS__};
#define SPLAT(x) x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x
#define LOADED(name) wasm_v128_load(name##_bytes)

TABLE(low_nibble, SPLAT(0x0f))

// By their low four bits: each byte that may follow a backslash but `"`, `b` and `u`.
TABLE(escapes, 1, 0, 'r', 0, 't', 0, 'f', 0, 0, 0, 0, 0, '\\', 0, 'n', '/')
TABLE(spaces, ' ', 100, 100, 100, 17, 100, 113, 2, 100, '\t', '\n', 112, 100, '\r', 100, 100)
// `[` and `]` are found as `{` and `}`, from which one bit divides them.
TABLE(structurals, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ':', '{', ',', '}', 0, 0)

static inline v128_t is_quote(v128_t v) { return wasm_i8x16_eq(v, wasm_i8x16_splat('"')); }
static inline v128_t is_backslash(v128_t v) { return wasm_i8x16_eq(v, wasm_i8x16_splat('\\')); }
static inline v128_t is_control(v128_t v) { return wasm_u8x16_lt(v, wasm_i8x16_splat(0x20)); }
static inline v128_t is_u(v128_t v) { return wasm_i8x16_eq(v, wasm_i8x16_splat('u')); }
static inline v128_t is_hex(v128_t v) {
  v128_t digit = wasm_u8x16_lt(wasm_i8x16_sub(v, wasm_i8x16_splat('0')), wasm_i8x16_splat(10));
  v128_t letter = wasm_u8x16_lt(wasm_i8x16_sub(wasm_v128_or(v, wasm_i8x16_splat(0x20)), wasm_i8x16_splat('a')), wasm_i8x16_splat(6));
  return wasm_v128_or(digit, letter);
}
#define IS_IN(v, table) wasm_i8x16_eq(v, wasm_i8x16_swizzle(table, wasm_v128_and(v, low_nibble)))
#define IS_ESCAPE(v) IS_IN(v, escapes)
#define IS_SPACE(v) IS_IN(v, spaces)
#define IS_STRUCTURAL(v) wasm_i8x16_eq(wasm_v128_or(v, wasm_i8x16_splat(0x20)), wasm_i8x16_swizzle(structurals, wasm_v128_and(v, low_nibble)))

static inline v128_t lowest_of(vectors v) { return wasm_u8x16_min(wasm_u8x16_min(v.a, v.b), wasm_u8x16_min(v.c, v.d)); }

// From each set bit to the next one, the first included.
static inline u64 prefix_xor(u64 x) {
  x ^= x << 1;
  x ^= x << 2;
  x ^= x << 4;
  x ^= x << 8;
  x ^= x << 16;
  x ^= x << 32;
  return x;
}

// The bytes that a backslash in front escapes. Runs of backslashes may cross blocks: `escaping` is 1 where the next block's first is escaped.
static inline u64 escaped_by(u64 backslashes, u64 *escaping) {
  const u64 even = 0x5555555555555555ull;
  u64 starts = backslashes & ~*escaping;
  u64 follows = starts << 1 | *escaping;
  u64 odd_starts = starts & ~even & ~follows;
  u64 sum = odd_starts + starts;
  *escaping = sum < starts;
  return (even ^ (sum << 1)) & follows;
}

// ---- UTF-8

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

TABLE(first_high, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO_CONTS, TWO_CONTS, TWO_CONTS, TWO_CONTS,
      TOO_SHORT | OVERLONG_2, TOO_SHORT, TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4)
TABLE(first_low, CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2, CARRY, CARRY, CARRY | TOO_LARGE,
      CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
      CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000,
      CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000 | SURROGATE,
      CARRY | TOO_LARGE | TOO_LARGE_1000, CARRY | TOO_LARGE | TOO_LARGE_1000)
TABLE(second_high, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
      TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE_1000 | OVERLONG_4, TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE,
      TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE, TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT,
      TOO_SHORT, TOO_SHORT)
TABLE(third_lead, SPLAT(0xe0 - 0x80))
TABLE(fourth_lead, SPLAT(0xf0 - 0x80))
TABLE(top_bit, SPLAT(0x80))

static u32 not_ascii[CHUNK / 64];

#define HIGH(v) wasm_v128_and(wasm_u16x8_shr(v, 4), low_nibble)
#define LOW(v) wasm_v128_and(v, low_nibble)

// The blocks that are not ASCII, or come after such bytes, are listed first and checked then, so that no branch depends on where they are.
static APART void check_utf8(u32 length) {
  u32 count = 0;
  for (u32 i = 0; i < length; i += 64) {
    vectors v = load(input + i);
    v128_t any = wasm_v128_or(wasm_v128_or(v.a, v.b), wasm_v128_or(v.c, v.d));
    not_ascii[count] = i;
    count += wasm_i8x16_bitmask(wasm_v128_or(any, wasm_v128_load(input + i - 3))) != 0;
  }
  const v128_t low_nibble = LOADED(low_nibble), top_bit = LOADED(top_bit);
  const v128_t first_high = LOADED(first_high), first_low = LOADED(first_low), second_high = LOADED(second_high);
  const v128_t third_lead = LOADED(third_lead), fourth_lead = LOADED(fourth_lead);
  v128_t error = text.utf8_error;
  for (u32 k = 0; k < count; k++) {
    const u8 *p = input + not_ascii[k], *end = p + 64;
    __asm__("" : "+r"(end)); // keeps the compiler from writing the loop out, which needs more registers than there are
    do {
      v128_t now = wasm_v128_load(p), one = wasm_v128_load(p - 1), two = wasm_v128_load(p - 2), three = wasm_v128_load(p - 3);
      v128_t first = wasm_v128_and(wasm_i8x16_swizzle(first_high, HIGH(one)), wasm_i8x16_swizzle(first_low, LOW(one)));
      v128_t special = wasm_v128_and(first, wasm_i8x16_swizzle(second_high, HIGH(now)));
      v128_t third_or_fourth = wasm_v128_or(wasm_u8x16_sub_sat(two, third_lead), wasm_u8x16_sub_sat(three, fourth_lead));
      error = wasm_v128_or(error, wasm_v128_xor(wasm_v128_and(third_or_fourth, top_bit), special));
      p += 16;
    } while (p < end);
  }
  text.utf8_error = error;
  wasm_v128_store(input - BEHIND, wasm_v128_load(input + length - BEHIND));
}

// ---- The grammar

// A table with a row a byte: six bits a state, which are the state that the byte leads to, so that a token costs a shift. A state is its place in
// the row; BAD leads to itself. The upper bits say what else is to be done.
enum state { BAD = 0, VALUE = 6, ITEM = 12, ITEM_OR_CLOSE = 18, KEY = 24, KEY_OR_CLOSE = 30, COLON = 36, AFTER = 42, AFTER_ITEM = 48 };
#define OUTERMOST (1ull << 60)
#define SCALAR (1ull << 61)
#define OPENS (1ull << 62)
#define CLOSES (3ull << 62)
#define LEVELS(row) (u32)((long long)(row) >> 62)

static u64 rows[256], outermost_rows[256];

static inline u64 lead(enum state from, enum state to) { return (u64)to << from; }

static void fill_rows(void) {
  u64 value = lead(VALUE, AFTER) | lead(ITEM, AFTER_ITEM) | lead(ITEM_OR_CLOSE, AFTER_ITEM);
  u64 object = lead(VALUE, KEY_OR_CLOSE) | lead(ITEM, KEY_OR_CLOSE) | lead(ITEM_OR_CLOSE, KEY_OR_CLOSE);
  u64 array = lead(VALUE, ITEM_OR_CLOSE) | lead(ITEM, ITEM_OR_CLOSE) | lead(ITEM_OR_CLOSE, ITEM_OR_CLOSE);
  for (u32 i = 0; i < 256; i++) {
    rows[i] = value | SCALAR;
    outermost_rows[i] = OUTERMOST;
  }
  rows['"'] = value | lead(KEY, COLON) | lead(KEY_OR_CLOSE, COLON);
  rows[':'] = lead(COLON, VALUE);
  rows[','] = lead(AFTER, KEY) | lead(AFTER_ITEM, ITEM);
  rows['{'] = object | OPENS;
  rows['['] = array | OPENS;
  rows['}'] = lead(KEY_OR_CLOSE, AFTER) | lead(AFTER, AFTER) | CLOSES;
  rows[']'] = lead(ITEM_OR_CLOSE, AFTER) | lead(AFTER_ITEM, AFTER) | CLOSES;
}

static inline int is_digit(u8 c) { return (u8)(c - '0') < 10; }

static inline int ends_scalar(u8 c) { return (rows[c] & SCALAR) == 0 || c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

static inline int begins(const u8 *p, const char *four) {
  return p[0] == (u8)four[0] && p[1] == (u8)four[1] && p[2] == (u8)four[2] && p[3] == (u8)four[3];
}

// A literal or a number that begins at `p`; longer ones than the look-ahead are left to the walk.
static int is_scalar(const u8 *p) {
  const u8 *end = p + LOOKAHEAD - 8;
  if (begins(p, "true") || begins(p, "null")) return ends_scalar(p[4]);
  if (begins(p, "fals")) return p[4] == 'e' && ends_scalar(p[5]);
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

// What the table leaves open: the object itself, the places of its members, and what a scalar is.
static APART int take_rare(const u8 *p, u32 at) {
  u32 *member = text.members + 4 * text.count;
  if (text.depth == 0) return *p == '{' && text.state == VALUE;
  if (text.depth == 1) {
    if (*p == '"' && text.state != VALUE) member[0] = at;
    else if (*p == ':') member[1] = at;
    else if (*p != ',' && *p != '}') member[2] = at;
    else if (text.state == AFTER) {
      member[3] = at;
      if (++text.count == MAX_MEMBERS) return 0;
    }
  }
  return (rows[*p] & SCALAR) == 0 || is_scalar(p);
}

// One token after the other: what opens a string, a scalar's first byte, and the six structural characters.
static APART int take_tokens(const u8 *block, u32 at, u64 tokens) {
  const u64 *row_of = text.depth < 2 ? outermost_rows : rows;
  u64 now = text.state;
  for (; tokens != 0; tokens &= tokens - 1) {
    u32 k = (u32)__builtin_ctzll(tokens);
    u64 row = row_of[block[k]];
    if (row < OUTERMOST) {
      now = row >> (now & 63);
      continue;
    }
    now &= 63;
    if ((row & (OUTERMOST | SCALAR)) != 0) {
      text.state = now;
      if (!take_rare(block + k, at + k)) return 0;
      row = rows[block[k]];
    }
    now = row >> now & 63;
    if (now == BAD) return 0;
    u32 levels = LEVELS(row);
    if (levels == 0) continue;
    text.depth += levels;
    if (text.depth > MAX_DEPTH) return 0;
    if (levels == 1) text.is_array_at[text.depth] = now == ITEM_OR_CLOSE;
    else now = AFTER + (AFTER_ITEM - AFTER) * text.is_array_at[text.depth];
    row_of = text.depth < 2 ? outermost_rows : rows;
  }
  text.state = now & 63;
  return text.state != BAD;
}

// ---- Blocks

// The escapes that the table does not hold: `b`, and `u` with four digits, which may stand in the bytes behind the block.
static int rare_escapes_are_sound(const u8 *block, u64 rare) {
  vectors v = load(block);
  u64 unicode = rare & EACH(is_u, v);
  for (rare &= ~unicode; rare != 0; rare &= rare - 1) {
    if (block[__builtin_ctzll(rare)] != 'b') return 0;
  }
  u64 digits = unicode << 1 | unicode << 2 | unicode << 3 | unicode << 4;
  if ((digits & ~EACH(is_hex, v)) != 0) return 0;
  u64 digits_behind = unicode >> 63 | unicode >> 62 | unicode >> 61 | unicode >> 60;
  return (digits_behind & ~(u64)wasm_i8x16_bitmask(is_hex(wasm_v128_load(block + 64)))) == 0;
}

// A block with a quote, a rare escape, or bytes outside of strings in it.
static APART int take_block(const u8 *block, u32 at, u64 quotes, u64 backslashes, u64 rare) {
  if (rare != 0 && !rare_escapes_are_sound(block, rare)) return 0;
  const v128_t low_nibble = LOADED(low_nibble);
  vectors v = load(block);
  u64 controls = wasm_v128_any_true(is_control(lowest_of(v))) ? EACH(is_control, v) : 0;
  if ((quotes | ~text.was_in_string) == 0) return controls == 0;
  u64 in_string = prefix_xor(quotes) ^ text.was_in_string;
  text.was_in_string = (u64)((long long)in_string >> 63);
  const v128_t structurals = LOADED(structurals);
  u64 structural = EACH(IS_STRUCTURAL, v) & ~in_string;
  u64 scalar = ~(structural | quotes | in_string);
  if ((scalar | controls) != 0) {
    const v128_t spaces = LOADED(spaces);
    u64 space = EACH(IS_SPACE, v);
    if ((controls & (in_string | ~space)) != 0) return 0;
    scalar &= ~space;
  }
  if ((backslashes & ~in_string) != 0) return 0;
  u64 scalar_starts = scalar & ~(scalar << 1 | text.was_scalar);
  text.was_scalar = scalar >> 63;
  return take_tokens(block, at, structural | (quotes & in_string) | scalar_starts);
}

__attribute__((export_name("begin"))) void begin(void) {
  if (rows[0] == 0) fill_rows();
  text.was_escaping = text.was_in_string = text.was_scalar = 0;
  text.utf8_error = wasm_i8x16_splat(0);
  wasm_v128_store(input - BEHIND, text.utf8_error);
  text.state = VALUE;
  text.depth = text.count = 0;
}

static inline v128_t ends_plain(v128_t v) { return wasm_v128_or(is_quote(v), is_backslash(v)); }

// Where a chunk begins within a string without quotes, escapes and controls (an image): its first block that has one.
static APART u32 skip_plain(u32 length) {
  u32 i = 0;
  for (; i < length; i += 64) {
    vectors v = load(input + i);
    v128_t ends = wasm_v128_or(wasm_v128_or(ends_plain(v.a), ends_plain(v.b)), wasm_v128_or(ends_plain(v.c), ends_plain(v.d)));
    if (wasm_v128_any_true(wasm_v128_or(ends, is_control(lowest_of(v))))) break;
  }
  return i;
}

// `length` is a multiple of 64; the 64 bytes behind it are those that follow, or spaces. 1: sound so far; 0: unknown.
__attribute__((export_name("scan"))) int scan(u32 length, u32 base) {
  check_utf8(length);
  const v128_t low_nibble = LOADED(low_nibble), escapes = LOADED(escapes);
  v128_t lowest = wasm_i8x16_splat(0x20);
  u64 escaping = text.was_escaping;
  u32 i = text.was_in_string && !escaping ? skip_plain(length) : 0;
  for (; i < length; i += 64) {
    u64 quotes, backslashes, rare, outside = ~text.was_in_string;
    for (;;) {
      vectors v = load(input + i);
      quotes = EACH(is_quote, v);
      backslashes = EACH(is_backslash, v);
      u64 escaped = escaped_by(backslashes, &escaping);
      rare = escaped & ~(quotes | EACH(IS_ESCAPE, v));
      quotes &= ~escaped;
      if ((quotes | rare | outside) != 0) break;
      lowest = wasm_u8x16_min(lowest, lowest_of(v));
      i += 64;
      if (i >= length) goto end;
    }
    if (!take_block(input + i, base + i, quotes, backslashes, rare)) return 0;
  }
end:
  text.was_escaping = escaping;
  return !wasm_v128_any_true(wasm_v128_or(text.utf8_error, is_control(lowest)));
}

// How many members the object has; -1 where the text is not whole.
__attribute__((export_name("finish"))) int finish(void) {
  return text.depth == 0 && text.state == AFTER ? (int)text.count : -1;
}
