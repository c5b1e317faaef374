declare module "*.css" {
  const text: string;
  export default text;
}

declare const __KATEX_HASH__: string;
