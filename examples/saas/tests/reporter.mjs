// Tells node's tests as the lines that tests/run counts: "ok SUITE/NAME: test" and "not ok …", with what failed below.
export default async function* report(source) {
  for await (const { type, data } of source) {
    if (type === "test:pass" || type === "test:fail") {
      if (data.details?.type === "suite" || data.nesting > 0) continue;
      yield `${type === "test:pass" ? "ok" : "not ok"} ${process.env.TEST}: ${data.name}\n`;
      if (type === "test:fail") yield indented(data.details.error.cause ?? data.details.error);
    } else if (type === "test:stderr" || type === "test:stdout") yield data.message;
  }
}

const indented = (error) => `${(error.stack ?? String(error)).replaceAll(`${process.cwd()}/`, "").replace(/^/gm, "    ")}\n`;
