/** Calls `onChange` after the content of the file at `path` changed, however an editor writes it; disposing stops it. `onError` hears when watching fails. */
export declare function watchConfig(
  path: string,
  onChange: () => void,
  options?: { readonly onError?: (error: unknown) => void },
): Disposable;
