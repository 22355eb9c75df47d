declare module "htmx.org/dist/htmx.esm.js" {
  const htmx: { ajax(verb: string, path: string, context: { target: string; swap: string }): Promise<void> };
  export default htmx;
}
