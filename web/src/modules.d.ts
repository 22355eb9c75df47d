declare module "htmx.org/dist/htmx.esm.js" {
  const htmx: { process(element: Element): void;
    ajax(verb: string, path: string, context: { target: string; swap: string }): Promise<void> };
  export default htmx;
}
