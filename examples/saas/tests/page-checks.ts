/** Runs in the page: what on it scrolls sideways, has no name, or is hard to read. */
export function findings(): string[] {
  const found: string[] = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`scrolls sideways by ${root.scrollWidth - innerWidth}`);

  for (const control of document.querySelectorAll<HTMLInputElement>("a, button, input, select, summary")) {
    const name = control.labels?.[0]?.innerText ?? control.getAttribute("aria-label") ?? control.innerText;
    if (control.checkVisibility() && !name?.trim()) found.push(`no name: ${control.outerHTML.slice(0, 80)}`);
  }

  type Colour = [number, number, number, number];
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })!;
  const parse = (text: string): Colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = text;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
    return [red!, green!, blue!, alpha! / 255];
  };
  const behind = (element: Element | null): Colour => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return parse(getComputedStyle(document.body).backgroundColor);
  };
  const luminance = (colour: Colour) => {
    const [red, green, blue] = colour.slice(0, 3).map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const demand = (text: string, colour: string, element: Element) => {
    const [one, other] = [luminance(parse(colour)), luminance(behind(element))].sort((a, b) => b - a) as [number, number];
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < 4.5) found.push(`contrast ${contrast.toFixed(2)}: ${text.slice(0, 40)}`);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement!;
    if (node.textContent!.trim() && parent.checkVisibility() && !parent.closest("datalist")) demand(node.textContent!.trim(), getComputedStyle(parent).color, parent);
  }
  for (const input of document.querySelectorAll("input[placeholder]")) demand(`placeholder ${input.getAttribute("placeholder")}`, getComputedStyle(input, "::placeholder").color, input);
  return found;
}
