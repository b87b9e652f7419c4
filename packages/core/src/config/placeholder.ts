// Words of guides and examples in the place of a key. Real keys are random, so that a word of this kind does not stand in them by chance.
const placeholder =
  /\byour[-_]|[-_]here$|^(?:sk-(?:ant-|or-)?)?(?:x{4,}|\.{3,}|…)$|x{8,}|^<.*>$|^(?:change[-_]?me|replace[-_]?(?:me|this)|todo|placeholder|api[-_]?key)$/i;

/** Tells whether a key is a placeholder of a guide, such as `sk-ant-your-actual-key-here`, instead of a key. */
export function isPlaceholder(key: string): boolean {
  return placeholder.test(key);
}
